package dev.holdfast.node.backbone;

import dev.holdfast.keys.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Where budgets outlast the process: a line for each, {@code neighbour hour bytes}. A file that
 * cannot be understood counts as none; its hour is soon over.
 */
final class BudgetFile {
    private static final Pattern LINE = Pattern.compile("[a-z0-9-]+ [0-9]{1,12} [0-9]{1,18}");

    private final Path file;

    BudgetFile(Path file) {
        this.file = file;
    }

    void load(Map<String, Budget> budgets) {
        if (!Files.exists(file)) return;
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                if (!LINE.matcher(line).matches()) continue;
                String[] parts = line.split(" ", 3);
                Budget budget = budgets.get(parts[0]);
                if (budget != null)
                    budget.resume(Long.parseLong(parts[1], 10), Long.parseLong(parts[2], 10));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    void store(Map<String, Budget> budgets) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(budgets)
                .forEach((name, budget) ->
                        text.append(name)
                                .append(' ')
                                .append(budget.hour())
                                .append(' ')
                                .append(budget.usedBytes())
                                .append('\n'));
        DurableFile.write(
                file,
                text.toString().getBytes(StandardCharsets.US_ASCII),
                DurableFile.Readers.OWNER);
    }
}
