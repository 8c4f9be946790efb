package dev.holdfast.store;

import dev.holdfast.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A few connections that only read. Each transaction sees one snapshot, and never keeps the writer
 * waiting. When all are taken the next reader waits for one. Thread-safe.
 */
final class Readers implements AutoCloseable {
    private final BlockingQueue<SqliteTables> free;
    private final int count;
    private volatile boolean closed;

    Readers(int count, Supplier<SqliteTables> opener) {
        free = new ArrayBlockingQueue<>(count);
        List<SqliteTables> opened = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) opened.add(opener.get());
        } catch (RuntimeException e) {
            opened.forEach(tables -> tables.sql().close());
            throw e;
        }
        free.addAll(opened);
        this.count = count;
    }

    <T extends @Nullable Object> T read(Function<? super SqliteTables, T> work) {
        SqliteTables tables = take();
        try {
            tables.forget();
            Sql sql = tables.sql();
            sql.begin("begin");
            try {
                return work.apply(tables);
            } finally {
                sql.rollback(); // there is nothing to commit
            }
        } finally {
            free.add(tables);
        }
    }

    /** Waits for the readers that are at work, and closes. */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        List<SqliteTables> all = new ArrayList<>();
        for (int i = 0; i < count; i++) all.add(next());
        all.forEach(tables -> tables.sql().close());
        free.add(all.get(0)); // wakes whoever waits, one after the other
    }

    private SqliteTables take() {
        SqliteTables tables = next();
        if (!closed) return tables;
        free.add(tables);
        throw new StoreException(Kind.CLOSED, "The store is closed");
    }

    private SqliteTables next() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return free.take();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
