package dev.holdfast.drill.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bare limit for many writers: one thread takes whatever waits, writes it, and commits it with
 * one flush. Nothing is checked, merged or rolled back.
 */
final class GroupCommit<T> implements AutoCloseable {
    private static final int GROUP = 512;

    /** Writes one item, within the transaction. */
    interface Insert<T> {
        void insert(T item) throws SQLException;
    }

    private record Waiting<T>(T item, CountDownLatch done) {}

    private final BareSqlite database;
    private final Insert<T> insert;
    private final BlockingQueue<Waiting<T>> queue = new ArrayBlockingQueue<>(1024);
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable SQLException failure;

    GroupCommit(BareSqlite database, Insert<T> insert) {
        this.database = database;
        this.insert = insert;
        thread = Thread.ofPlatform().name("bare-committer").daemon(true).start(this::run);
    }

    /** Returns once {@code item} is flushed. */
    void write(T item) throws SQLException, InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        queue.put(new Waiting<>(item, done));
        done.await();
        SQLException fault = failure;
        if (fault != null) throw fault;
    }

    private void run() {
        List<Waiting<T>> group = new ArrayList<>();
        try {
            while (!closing) {
                Waiting<T> first = queue.poll(50, TimeUnit.MILLISECONDS);
                if (first == null) continue;
                group.add(first);
                queue.drainTo(group, GROUP - 1);
                if (failure == null) commit(group);
                for (Waiting<T> one : group) one.done().countDown();
                group.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void commit(List<Waiting<T>> group) {
        try {
            for (Waiting<T> one : group) insert.insert(one.item());
            database.commit();
        } catch (SQLException e) {
            failure = e;
        }
    }

    /** Returns when what was begun has ended. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
