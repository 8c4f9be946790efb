package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.drill.clinic.ClinicAuthor;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.wire.Frames;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes of an operation on its way up, as it really travels: sealed by the author, in a push, in a
 * frame. A session sends the grant once, with its hello, so pushes carry none.
 */
final class WireBench implements Bench {
    private static final String SCOPE = "clinic-1";
    private static final int BATCHES = 100;

    /** A masked WebSocket header for a short message, and a TLS 1.3 record around it. */
    private static final int SOCKET_BYTES = 8 + 22;

    @Override
    public String name() {
        return "wire";
    }

    @Override
    public String about() {
        return "bytes of an operation on its way up";
    }

    @Override
    public Report run(Run run) {
        List<Figure> figures = new ArrayList<>();
        List<Report.Detail> details = new ArrayList<>();
        for (int operations : new int[] {1, 200}) {
            run.progress().at("sealing batches of " + operations);
            List<Batch> batches = batches(run.seed(), operations);
            double each = perOperation(batches, operations);
            String of = operations == 1 ? "batches of 1" : "batches of " + operations;
            Figure figure =
                    Figure.of("bytes up, " + of, each, "B/op")
                            .beside(perOperationPlain(batches, operations), "uncompressed");
            figures.add(operations == 1 ? figure : figure.aiming(Aim.atMost(90)));
            details.add(
                    new Report.Detail(
                            "Where the bytes go, " + of + ":", parts(batches, operations, each)));
        }
        return new Report(
                name(),
                figures,
                List.of(
                        "The mean of "
                                + BATCHES
                                + " batches by one author: a push each, in a frame; WebSocket and"
                                + " TLS add about "
                                + SOCKET_BYTES
                                + " B a push.",
                        "A part's bytes are what the frame shrinks by without it. Parts share what"
                                + " compression finds in both, so they need not add up."),
                details);
    }

    private static List<Batch> batches(long seed, int operations) {
        ClinicAuthor author =
                new ClinicAuthor(
                        SCOPE,
                        ReplicaKey.create(Entropy.system()),
                        seed,
                        System.currentTimeMillis());
        // What stands at a clinic already: a first write of a patient is not like the others.
        author.batch(1_000);
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) batches.add(author.batch(operations));
        return batches;
    }

    private static Table parts(List<Batch> batches, int operations, double whole) {
        Map<WirePart, Double> parts = new EnumMap<>(WirePart.class);
        double explained = 0;
        for (WirePart part : WirePart.values()) {
            double without = perOperation(batches.stream().map(part::without).toList(), operations);
            double bytes = whole - without;
            // Its zeros cost nothing where they are compressed, and all they did where not.
            if (part == WirePart.AUTHOR && bytes == 0)
                bytes = (double) ReplicaId.BYTES / operations;
            parts.put(part, bytes);
            explained += bytes;
        }
        Table table = Table.headed("part", "B/op");
        parts.forEach((part, bytes) -> table.row(part.words(), Figure.number(bytes)));
        table.row(
                "names of collections and fields, structure, the push",
                Figure.number(whole - explained));
        return table.row("all", Figure.number(whole));
    }

    private static double perOperation(List<Batch> batches, int operations) {
        long bytes = 0;
        for (Batch batch : batches) bytes += Frames.frame(push(batch)).size();
        return (double) bytes / batches.size() / operations;
    }

    private static double perOperationPlain(List<Batch> batches, int operations) {
        long bytes = 0;
        for (Batch batch : batches) bytes += push(batch).size() + 1;
        return (double) bytes / batches.size() / operations;
    }

    /** As a device pushes it. */
    static Bytes push(Batch batch) {
        return MessageCodec.encode(
                new Message.Push(batch.scope(), List.of(), List.of(batch), List.of()));
    }
}
