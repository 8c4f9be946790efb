package dev.holdfast.region.tables;

import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.store.Beside;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionStore;
import dev.holdfast.region.store.Sql;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.worker.News;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work on one table, a {@link #round} at a time: looks at the table now and then, and has
 * {@link Settling} do a page of each kind. No thread, no clock, no waiting, but for the database.
 *
 * <p>A page that fails is done again in smaller ones until what fails is alone: a row that the
 * database refuses is put aside with the reason and tried again, at longer and longer times up to
 * half a minute, and whenever its document changes. Not thread-safe, but for {@link #words}.
 */
final class TableWork {
    private static final Logger LOG = LoggerFactory.getLogger(TableWork.class);

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);
    private static final Duration CONFLICTS_KEPT = Duration.ofDays(90);
    private static final int FORGOTTEN_AT_ONCE = 1_000;

    private static final int CHANGES = 500;
    private static final int DUE = 200;
    private static final int PUT_ASIDE = 20;
    private static final int COLLISIONS = 5;
    private static final int MOMENTS = 4;

    private final TableSettings settings;
    private final RegionStore store;
    private final RegionAuthor author;
    private final Consumer<News> listener;
    private @Nullable Settling settling;
    private long lookedMillis;

    /** Changes at a time; fewer after a failure. */
    private int changes = CHANGES;

    private volatile String words = "not looked at yet";
    private volatile @Nullable String failure;

    /**
     * @param listener told of what was authored, once it is committed
     */
    TableWork(
            TableSettings settings,
            RegionStore store,
            RegionAuthor author,
            Consumer<News> listener) {
        this.settings = settings;
        this.store = store;
        this.author = author;
        this.listener = listener;
    }

    TableSettings settings() {
        return settings;
    }

    /** How the table stands, for people. */
    String words() {
        String why = failure;
        return why == null ? words : why;
    }

    /** Says why nothing can be done; answers whether that is news. */
    boolean fails(String why) {
        boolean news = !why.equals(failure);
        failure = why;
        return news;
    }

    /**
     * Does a page of each kind; answers whether anything was done.
     *
     * @throws StoreException when the database failed
     * @throws TableRefusedException when the table cannot be mirrored as it is now
     */
    boolean round(long nowMillis) {
        boolean worked = work(nowMillis);
        failure = null;
        return worked;
    }

    private boolean work(long nowMillis) {
        if (settling == null || nowMillis - lookedMillis >= BETWEEN_LOOKS.toMillis())
            settling = look(nowMillis);
        Settling now = settling;
        try {
            Settling.Work work = store.readBeside(beside -> now.work(beside.sql()));
            if (work == Settling.Work.NOTHING) return false;
            if (work == Settling.Work.DOCUMENTS)
                return write(beside -> now.takingIn().page(beside, CHANGES)).count() > 0;
            int done = changed(now, nowMillis);
            done += shown(now, dueNow(now, false, DUE), false, nowMillis);
            done += shown(now, dueNow(now, true, PUT_ASIDE), false, nowMillis);
            done += write(beside -> now.takingIn().page(beside, CHANGES)).count();
            return done > 0;
        } catch (TableChangedException e) {
            settling = null;
            LOG.info("{}", e.getMessage());
            return true;
        } catch (StoreException e) {
            // Perhaps a column that is not there any more.
            if (e.failure() == DatabaseFailure.ERROR) settling = null;
            throw e;
        }
    }

    private Settling look(long nowMillis) {
        record Looked(TableShape shape, String words) {}
        Looked looked =
                write(beside -> {
                    Sql sql = beside.sql();
                    TableShape shape = MirroredTables.look(sql, settings);
                    sql.run(
                            """
                            DELETE FROM table_conflict WHERE ctid = ANY (ARRAY(
                                SELECT ctid FROM table_conflict WHERE noted < now() - ? * interval '1 s'
                                LIMIT ?))\
                            """,
                            CONFLICTS_KEPT.toSeconds(),
                            FORGOTTEN_AT_ONCE);
                    return new Looked(shape, words(sql, shape));
                });
        lookedMillis = nowMillis;
        words = looked.words();
        return settling != null && settling.shape().equals(looked.shape())
                ? settling
                : new Settling(looked.shape(), author);
    }

    private static String words(Sql sql, TableShape shape) {
        return Objects.requireNonNull(
                sql.one(
                        """
                        SELECT format('%s, %s changes to be told, %s rows to be written, %s put aside',
                            phase,
                            (SELECT count(*) FROM table_change WHERE relation = m.relation),
                            (SELECT count(*) FROM table_due d WHERE d.scope = m.scope
                                AND d.collection = m.name AND d.tries = 0),
                            (SELECT count(*) FROM table_due d WHERE d.scope = m.scope
                                AND d.collection = m.name AND d.tries > 0))
                        FROM table_mirrored m WHERE name = ?\
                        """,
                        row -> Sql.text(row, 1), shape.name()));
    }

    /** Takes in a page of what the application changed. */
    private int changed(Settling table, long nowMillis) {
        try {
            Settling.Done done = write(beside -> table.takeChanges(beside, changes, nowMillis));
            tell(done);
            changes = Math.min(CHANGES, changes * 2);
            return done.count();
        } catch (RuntimeException e) {
            if (!isOfContent(e)) throw e;
            if (changes > 1) {
                changes = Math.max(1, changes / 8);
                return 1;
            }
            LOG.error("table {}: a changed row cannot be taken in", settings.name(), e);
            write(beside -> table.refuseChange(beside, reason(e)));
            return 1;
        }
    }

    private List<String> dueNow(Settling table, boolean tried, int most) {
        return store.readBeside(beside -> table.dueNow(beside.sql(), tried, most));
    }

    /** Has due rows written; answers of how many something was done. */
    private int shown(Settling table, List<String> ids, boolean alone, long nowMillis) {
        int done = 0;
        List<String> left = ids;
        try {
            // What the application changes without a pause is caught in one of a few moments, and
            // else in the next round.
            for (int moment = 0; moment < MOMENTS && !left.isEmpty(); moment++) {
                List<String> wanted = left;
                Settling.Written written = write(beside -> table.show(beside, wanted, alone));
                done += written.count() + held(table, written.held(), nowMillis);
                left = written.again();
                if (left.isEmpty()) break;
                List<String> again = left;
                tell(write(beside -> table.take(beside, again, nowMillis)));
                done += again.size();
            }
            return done;
        } catch (RuntimeException e) {
            if (!isOfContent(e)) throw e;
            if (left.size() == 1) return done + notShown(table, left.getFirst(), e);
            int half = left.size() / 2;
            return done
                    + shown(table, left.subList(0, half), false, nowMillis)
                    + shown(table, left.subList(half, left.size()), false, nowMillis);
        }
    }

    /** One row that the application holds is waited for in a round; the others come later. */
    private int held(Settling table, List<String> ids, long nowMillis) {
        if (ids.isEmpty()) return 0;
        var _ = write(beside -> table.postpone(beside.sql(), ids));
        return shown(table, ids.subList(0, 1), true, nowMillis);
    }

    private int notShown(Settling table, String id, RuntimeException failure) {
        String state = state(failure);
        if ("55P03".equals(state)) {
            var _ = write(beside -> table.postpone(beside.sql(), List.of(id)));
            return 0;
        }
        boolean first = write(beside -> table.putAside(beside.sql(), id, reason(failure)));
        if (first)
            LOG.warn(
                    "table {}: a row of another region is refused here, SQLSTATE {}: see table_due",
                    settings.name(),
                    state);
        return 0;
    }

    /** Whether what was to be done is at fault, and not the database. */
    private static boolean isOfContent(RuntimeException failure) {
        if (failure instanceof TableChangedException) return false;
        return !(failure instanceof StoreException store)
                || store.failure() == DatabaseFailure.ERROR && !"42703".equals(state(failure));
    }

    private static @Nullable String state(RuntimeException failure) {
        return failure.getCause() instanceof SQLException sql ? sql.getSQLState() : null;
    }

    private static String reason(RuntimeException failure) {
        Throwable cause = failure.getCause() instanceof SQLException sql ? sql : failure;
        return String.valueOf(cause.getMessage()).replaceAll("\\p{Cntrl}", " ");
    }

    private void tell(Settling.Done done) {
        if (done.news() != null) listener.accept(done.news());
    }

    private <T> T write(Function<Beside, T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return store.writeBeside(work);
            } catch (StoreException e) {
                if (e.failure() != DatabaseFailure.COLLISION || attempt > COLLISIONS) throw e;
            }
        }
    }
}
