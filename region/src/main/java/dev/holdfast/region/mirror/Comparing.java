package dev.holdfast.region.mirror;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.node.http.ConnectionClosedException;
import dev.holdfast.node.http.Outflow;
import dev.holdfast.region.compare.Answering;
import dev.holdfast.region.compare.ComparisonDriver;
import dev.holdfast.region.compare.Finding;
import dev.holdfast.region.compare.Side;
import dev.holdfast.region.compare.Signed;
import dev.holdfast.region.store.Mending;
import dev.holdfast.region.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;

/**
 * Runs comparisons with peers for people, who read how it goes as lines of JSON, each with its
 * {@code event}: {@code working}, {@code looked}, {@code waiting}, {@code mended}, {@code sent}, a
 * {@code finding} for each difference that is left, and at the end {@code result}, or {@code
 * failed} with a reason. One at a time. Thread-safe.
 */
public final class Comparing {
    private final Answering answering;
    private final PeerCalls calls;
    private final Mending mending;
    private final Signed signed;
    private final Semaphore free = new Semaphore(1);

    public Comparing(Answering answering, PeerCalls calls, Mending mending, Signed signed) {
        this.answering = answering;
        this.calls = calls;
        this.mending = mending;
        this.signed = signed;
    }

    /** Whether one may begin; who was told so must {@link #run} it. */
    boolean begin() {
        return free.tryAcquire();
    }

    /** Compares with a peer until it is done, or the reader is gone. */
    void run(URI peer, ComparisonDriver.Options options, Grant own, Outflow out)
            throws IOException, InterruptedException {
        try {
            ComparisonDriver comparison =
                    new ComparisonDriver(
                            question -> answering.answer(question, own),
                            question -> MirrorLinks.ask(calls, peer, question),
                            mending,
                            signed,
                            options,
                            event -> line(out, event(event)));
            ComparisonDriver.Result result = comparison.run();
            for (Finding finding : result.findings()) line(out, finding(finding));
            Map<String, Object> end = event("result");
            end.put("equal", result.isEqual());
            end.put("scopes", result.scopes());
            end.put("findings", result.findings().size());
            end.put("partial", result.partial());
            end.put("readable", result.shown());
            line(out, end);
        } catch (ConnectionClosedException e) {
            throw e;
        } catch (IOException | StoreException | MalformedException e) {
            Map<String, Object> failed = event("failed");
            failed.put("reason", String.valueOf(e.getMessage()));
            line(out, failed);
        } finally {
            free.release();
        }
    }

    private static void line(Outflow out, Map<String, Object> line)
            throws IOException, InterruptedException {
        String json = Json.print(Value.from(line)) + "\n";
        out.write(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Object> event(String name) {
        Map<String, Object> line = new TreeMap<>();
        line.put("event", name);
        return line;
    }

    private static Map<String, Object> event(ComparisonDriver.Event event) {
        return switch (event) {
            case ComparisonDriver.Event.Working _ -> event("working");
            case ComparisonDriver.Event.Looked looked -> {
                Map<String, Object> line = event("looked");
                line.put("scopes", looked.scopes());
                line.put("of", looked.differing());
                yield line;
            }
            case ComparisonDriver.Event.Waiting waiting -> {
                Map<String, Object> line = event("waiting");
                line.put("here", waiting.here());
                line.put("peer", waiting.there());
                yield line;
            }
            case ComparisonDriver.Event.Mended mended -> {
                Map<String, Object> line = event("mended");
                line.put("scope", mended.scope());
                line.put("batches", mended.mended().batches());
                line.put("operations", mended.mended().dots());
                line.put("documents", mended.mended().documents());
                yield line;
            }
            case ComparisonDriver.Event.Sent sent -> {
                Map<String, Object> line = event("sent");
                line.put("scope", sent.scope());
                line.put("to", word(sent.to()));
                line.put("batches", sent.batches());
                yield line;
            }
        };
    }

    private static Map<String, Object> finding(Finding finding) {
        Map<String, Object> line = event("finding");
        line.put("scope", finding.scope());
        switch (finding) {
            case Finding.Lacking lacking -> {
                line.put("kind", "lacking");
                line.put("at", word(lacking.side()));
                operations(line, lacking.author().toString(), lacking.dots());
            }
            case Finding.Unseen unseen -> {
                line.put("kind", "unseen");
                line.put("at", word(unseen.side()));
                operations(line, unseen.author().toString(), unseen.dots());
            }
            case Finding.Unkept unkept -> {
                line.put("kind", "unkept");
                line.put("at", word(unkept.side()));
                operations(line, unkept.author().toString(), unkept.dots());
            }
            case Finding.Forked forked -> {
                line.put("kind", "forked");
                operations(line, forked.author().toString(), forked.dots());
            }
            case Finding.Explained explained -> {
                line.put("kind", "behind");
                document(line, explained.document());
                explained
                        .lacking()
                        .forEach((side, dots) -> line.put("lacking-" + word(side), texts(dots)));
            }
            case Finding.Corrupt corrupt -> {
                line.put("kind", "corrupt");
                document(line, corrupt.document());
                line.put(
                        "wrong-at",
                        switch (corrupt.fault()) {
                            case HERE -> "here";
                            case THERE -> "peer";
                            case BOTH -> "both";
                            case UNKNOWN -> "unknown";
                        });
            }
            case Finding.Undecided undecided -> {
                line.put("kind", "undecided");
                document(line, undecided.document());
            }
        }
        return line;
    }

    private static void document(Map<String, Object> line, DocumentId id) {
        line.put("collection", id.collection());
        line.put("id", id.id());
    }

    private static void operations(Map<String, Object> line, String author, Intervals dots) {
        long count = 0;
        for (int i = 0; i < dots.count(); i++) count += dots.to(i) - dots.from(i) + 1;
        line.put("author", author);
        line.put("numbers", dots.toString());
        line.put("operations", count);
    }

    private static List<String> texts(List<Dot> dots) {
        return dots.stream().map(Dot::toString).toList();
    }

    private static String word(Side side) {
        return side == Side.HERE ? "here" : "peer";
    }
}
