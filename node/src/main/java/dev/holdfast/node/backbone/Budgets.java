package dev.holdfast.node.backbone;

import dev.holdfast.keys.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The budgets of a member's costly links, by neighbour, and the file by which they outlast the
 * process: a line for each, {@code neighbour hour bytes}. A file that cannot be understood counts
 * as none; its hour is soon over. Not thread-safe, but for {@link #keep}.
 */
final class Budgets {
    private static final Pattern LINE = Pattern.compile("[a-z0-9-]+ [0-9]{1,12} [0-9]{1,18}");

    private final Path file;
    private final Map<String, Budget> budgets = new TreeMap<>();
    private String kept = "";

    Budgets(Path file) {
        this.file = file;
    }

    /** Those that these links have, as far as they are used already. */
    void meet(Map<String, Topology.Link> links) {
        budgets.keySet().retainAll(links.keySet());
        links.forEach((name, link) ->
                link.bytesPerHour()
                        .ifPresentOrElse(
                                size -> {
                                    Budget budget = new Budget(size.bytes());
                                    Budget before = budgets.put(name, budget);
                                    if (before != null)
                                        budget.resume(before.hour(), before.usedBytes());
                                },
                                () -> budgets.remove(name)));
    }

    /** Goes on with what a process before this one has counted. */
    void load() {
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

    /** Counts what the link to {@code neighbour} carried; answers whether it may carry more. */
    boolean count(String neighbour, long bytes, long wallMillis) {
        Budget budget = budgets.get(neighbour);
        if (budget == null) return true;
        budget.count(bytes, wallMillis);
        return budget.isOpen(wallMillis);
    }

    /** Which links may carry data now, of those that have a budget. */
    Map<String, Boolean> open(long wallMillis) {
        Map<String, Boolean> open = new TreeMap<>();
        budgets.forEach((name, budget) -> open.put(name, budget.isOpen(wallMillis)));
        return open;
    }

    /** What {@link #keep} is to be given, where that is not kept already. */
    Optional<String> toKeep() {
        StringBuilder text = new StringBuilder();
        budgets.forEach((name, budget) ->
                text.append(name)
                        .append(' ')
                        .append(budget.hour())
                        .append(' ')
                        .append(budget.usedBytes())
                        .append('\n'));
        if (text.toString().equals(kept)) return Optional.empty();
        kept = text.toString();
        return Optional.of(kept);
    }

    void keep(String text) {
        DurableFile.write(
                file, text.getBytes(StandardCharsets.US_ASCII), DurableFile.Readers.OWNER);
    }
}
