package dev.holdfast.drill.rings;

import dev.holdfast.core.merge.Context;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The region's PostgreSQL, read past the region by a {@link DatabaseMain}. */
public final class Database implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(60);

    private final Answers answers = new Answers();
    private final Child child;

    Database(List<String> command, Path log) {
        child = Child.start("the database's reader", command, log, "ready"::equals, this::heard);
        child.awaitReady(READY_PATIENCE);
        answers.clear();
    }

    private void heard(String line) {
        answers.heard(line);
    }

    /** The context of the scope; empty while the database is away. */
    public Optional<Context> context() {
        return ask("context").map(lines -> RegionImage.of(lines).store().context());
    }

    /** All of the scope, at one moment. */
    public RegionImage image() {
        return RegionImage.of(ask("all").orElseThrow(Database::away));
    }

    /**
     * What it has to bear.
     *
     * @param connections of anybody but this reader
     * @param operations applied, of all scopes
     */
    public record Load(int connections, long operations) {}

    /** Empty while the database is away. */
    public Optional<Load> load() {
        return ask("load")
                .map(lines -> {
                    String[] words = lines.getFirst().split("\t", -1);
                    return new Load(Integer.parseInt(words[1]), Long.parseLong(words[2]));
                });
    }

    /**
     * What it holds of all scopes but that of the nurses, in each of which others write.
     *
     * @param operations rows, so that a repetition would show
     */
    public record Others(Context context, long operations) {}

    /** All of them, at one moment. */
    public Others others() {
        List<String> lines = ask("others").orElseThrow(Database::away);
        String[] rows = lines.get(lines.size() - 2).split("\t", -1);
        return new Others(RegionImage.of(lines).store().context(), Long.parseLong(rows[1]));
    }

    private static DrillException away() {
        return new DrillException("PostgreSQL is away");
    }

    private Optional<List<String>> ask(String question) {
        if (!child.send(question))
            throw new DrillException("the database's reader is gone:\n" + child.lastWords());
        List<String> lines =
                answers.await(
                        line -> line.equals("end") || line.startsWith("away\t"), ANSWER_PATIENCE);
        return lines.getLast().equals("end") ? Optional.of(lines) : Optional.empty();
    }

    @Override
    public void close() {
        child.close();
    }
}
