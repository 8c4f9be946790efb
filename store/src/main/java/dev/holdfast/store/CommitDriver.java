package dev.holdfast.store;

import dev.holdfast.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes. It takes what waits in the queue as one group, runs each write, and
 * commits them all with one flush; only then do their callers go on. A group ends when the queue is
 * empty or the group is full, so that an idle store answers at once and a busy one shares its
 * flushes.
 *
 * <p>A write that throws is rolled back alone, to a savepoint (the first of a group needs none: the
 * group is begun anew). A failure of the storage rolls back the whole group, whatever the writes
 * made of it, since after a full disk nobody knows which half of a statement stood. A failed flush
 * is the end: what is on the disk is unknown, so that every later write is refused until the store
 * is opened again. So is a write that fails other than for want of room: the file system has given
 * up, and who goes on would refuse everybody for ever without saying so.
 */
final class CommitDriver implements AutoCloseable {
    private final Supplier<SqliteTables> opener;
    private final int groupWrites;
    private final int groupBytes;
    private final Consumer<List<Committed>> committed;
    private final BlockingQueue<Write<?>> queue;
    private final Thread thread;

    private SqliteTables tables;

    /** Once complete, no write is taken any more. */
    private final CompletableFuture<StoreException> broken = new CompletableFuture<>();

    private volatile boolean closing;
    private volatile boolean ended;

    private static final class Write<T extends @Nullable Object> {
        final Function<? super SqliteTables, T> work;
        final CountDownLatch done = new CountDownLatch(1);
        @Nullable T result;
        @Nullable Throwable failure;

        Write(Function<? super SqliteTables, T> work) {
            this.work = work;
        }

        void run(SqliteTables tables) {
            result = work.apply(tables);
        }

        void fail(Throwable with) {
            if (done.getCount() == 0) return;
            failure = with;
            done.countDown();
        }
    }

    /**
     * @param opener opens the writer's connection, now and after a rollback that failed
     * @param committed is told after each commit, on this thread: it must not wait
     */
    CommitDriver(
            Supplier<SqliteTables> opener,
            StoreSettings settings,
            Consumer<List<Committed>> committed) {
        this.opener = opener;
        this.groupWrites = settings.groupWrites();
        this.groupBytes = settings.groupBytes();
        this.committed = committed;
        queue = new ArrayBlockingQueue<>(settings.queuedWrites());
        tables = opener.get();
        thread =
                Thread.ofPlatform()
                        .name("holdfast-committer")
                        .daemon(true)
                        .unstarted(this::commitGroups);
        thread.start();
    }

    /**
     * Runs {@code work} in a transaction and returns once that is flushed.
     *
     * @throws StoreException when the storage failed or is closed; then nothing was written
     */
    <T extends @Nullable Object> T write(Function<? super SqliteTables, T> work) {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("a write within a write");
        }
        Write<T> write = new Write<>(work);
        enqueue(write);
        await(write.done);
        Throwable failure = write.failure;
        if (failure != null) throw rethrown(failure);
        return result(write);
    }

    /** Waits until no write can be taken any more because the disk failed; answers how. */
    StoreException awaitFailure() throws InterruptedException {
        try {
            return broken.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nobody completes it so", e);
        }
    }

    @Override
    public void close() {
        closing = true;
        queue.offer(new Write<>(tables -> true)); // wakes an idle thread; a full queue does as well
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    @SuppressWarnings("NullAway") // set by run(), so it is null only where T may be
    private static <T extends @Nullable Object> T result(Write<T> write) {
        return write.result;
    }

    private void enqueue(Write<?> write) {
        refuseIfOver();
        boolean interrupted = false;
        while (true) {
            try {
                queue.put(write);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        // What came after the last look into the queue is taken by nobody else.
        if (ended && queue.remove(write)) write.fail(closed());
    }

    private void refuseIfOver() {
        StoreException reason = broken.getNow(null);
        if (reason != null) throw refused(reason);
        if (closing) throw closed();
    }

    private void commitGroups() {
        try {
            while (!closing || !queue.isEmpty()) {
                Write<?> first = queue.take();
                StoreException reason = broken.getNow(null);
                if (reason == null) commitGroup(first);
                else first.fail(refused(reason));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody has the thread to interrupt it
        } finally {
            closing = true;
            ended = true;
            for (Write<?> left = queue.poll(); left != null; left = queue.poll()) {
                left.fail(closed());
            }
            tables.sql().close();
        }
    }

    private void commitGroup(Write<?> first) {
        List<Write<?>> group = new ArrayList<>();
        Touched touched = new Touched();
        Write<?> write = first;
        try {
            Sql sql = tables.sql();
            sql.begin("begin immediate");
            long bytes = tables.writtenBytes();
            while (write != null) {
                runOne(write, group, touched);
                boolean full =
                        group.size() >= groupWrites || tables.writtenBytes() - bytes >= groupBytes;
                write = full ? null : queue.poll();
            }
            sql.run("commit");
        } catch (RuntimeException e) {
            if (e instanceof StoreException failure && failure.writeFailed())
                broken.complete(failure);
            rollback();
            if (write != null) write.fail(e);
            for (Write<?> one : group) one.fail(e);
            return;
        }
        // Who wrote goes on first: what an edge remembers of a push is then there for the sessions
        // that are told of it, and need not be read again.
        for (Write<?> one : group) one.done.countDown();
        committed.accept(tables.committed(touched));
    }

    /** Runs a write as a unit; it joins the group unless it throws, and then it is told at once. */
    private void runOne(Write<?> write, List<Write<?>> group, Touched touched) {
        Sql sql = tables.sql();
        boolean alone = group.isEmpty();
        if (!alone) sql.run("savepoint unit");
        Throwable thrown = null;
        try {
            write.run(tables);
        } catch (Throwable e) {
            thrown = e;
        }
        StoreException failure = sql.failure();
        if (failure != null) {
            group.add(write);
            throw failure;
        }
        if (thrown == null) {
            if (!alone) sql.run("release unit");
            touched.add(tables.touched());
            group.add(write);
            return;
        }
        if (alone) {
            sql.rollback();
            sql.begin("begin immediate");
        } else {
            sql.run("rollback to unit");
            sql.run("release unit");
        }
        tables.forget();
        write.fail(thrown);
    }

    /** Rolls back; where even that fails, the connection is made anew, which does the same. */
    private void rollback() {
        tables.forget();
        try {
            tables.sql().rollback();
        } catch (StoreException e) {
            reopen();
        }
    }

    private void reopen() {
        try {
            tables.sql().close();
            tables = opener.get();
        } catch (RuntimeException e) {
            // Without a connection there are no writes; reads go on.
            broken.complete(
                    e instanceof StoreException told
                            ? told
                            : new StoreException(Kind.IO, "The store cannot be written again", e));
        }
    }

    private static void await(CountDownLatch done) {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the write may be flushed already: its caller must know
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    /** The same failure, with the caller's stack beside the committer's. */
    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof StoreException store) {
            return new StoreException(store.kind(), String.valueOf(store.getMessage()), store);
        }
        failure.addSuppressed(new WrittenFrom());
        if (failure instanceof Error error) throw error;
        if (failure instanceof RuntimeException runtime) return runtime;
        return new IllegalStateException(failure);
    }

    private static StoreException refused(StoreException reason) {
        return new StoreException(
                reason.kind(), "The store refuses writes since its disk failed", reason);
    }

    private static StoreException closed() {
        return new StoreException(Kind.CLOSED, "The store is closed");
    }

    /** Shows, in a stack trace, who asked for the write. */
    private static final class WrittenFrom extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrittenFrom() {
            super("written from here");
        }
    }
}
