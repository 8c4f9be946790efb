package dev.holdfast.drill.rings;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.report.Timeline;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * Looks twice a second at what people were told and at what the database holds, and tells a
 * timeline. It has a thread and a reader of the database of its own: what it sees is for the report
 * alone, and whatever keeps it waiting keeps nobody else.
 */
final class Sampler implements AutoCloseable {
    /** A database that is silent for longer is told to be. */
    static final Duration SILENCE = Duration.ofSeconds(1);

    private static final Duration EVERY = Duration.ofMillis(500);
    private static final String AWAY = "the database does not answer";

    private final Timeline timeline;
    private final Ledger ledger;
    private final Database database;
    private final Thread thread;
    private volatile boolean closed;
    private Context inDatabase = new Context();

    /**
     * Looks for the first time before it returns, since the first look is the slowest: what happens
     * after that is seen from its beginning.
     *
     * @param database is closed with it
     */
    Sampler(Timeline timeline, Ledger ledger, Database database) {
        this.timeline = timeline;
        this.ledger = ledger;
        this.database = database;
        look();
        thread = Thread.ofVirtual().name("sampler").start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                Thread.sleep(EVERY);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (DrillException e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            if (!closed) timeline.mark("nothing was sampled from here on: " + why);
        }
    }

    /** What a database held before it went away is still what it holds. */
    private void look() {
        database.context()
                .ifPresentOrElse(
                        context -> {
                            timeline.end(AWAY);
                            inDatabase = context;
                        },
                        () -> timeline.begin(AWAY));
        sample(timeline, ledger, inDatabase);
    }

    /** Tells how far everything is that {@code ledger} and {@code database} know of. */
    static void sample(Timeline timeline, Ledger ledger, Context database) {
        Map<Durability, Long> reached = new EnumMap<>(Durability.class);
        for (Durability level : Durability.values())
            reached.put(level, Dots.count(ledger.atLeast(level)));
        Context standing = Dots.minus(ledger.at(Durability.DEVICE), ledger.refusedDots());
        long backlog = Dots.count(Dots.minus(standing, database));
        timeline.sample(reached, backlog, Dots.count(database));
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        database.close();
    }
}
