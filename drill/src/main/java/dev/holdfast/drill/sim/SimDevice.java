package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Uplink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A device and the person who writes on it. */
final class SimDevice extends SimNode implements SimLink.Node {
    static final Schema SCHEMA =
            Schema.parse(
                    "{\"things\": {\"fields\": {\"tags\": {\"kind\": \"set\"}}, \"on-delete\": \"delete-wins\"},"
                            + " \"counters\": {\"fields\": {\"count\": {\"kind\": \"counter\"}}}}");

    private final Claims claims;
    private final List<String> scopes;
    private final Supplier<List<? extends SimServer>> servers;
    private SimLink link;

    /** How far this device's clock is ahead of the world's. */
    long clockAheadMillis;

    SimDevice(
            World world,
            SimKeys keys,
            SimNetwork network,
            String name,
            Bytes authority,
            Claims claims,
            List<String> scopes,
            Supplier<List<? extends SimServer>> servers) {
        super(world, keys, network, name, authority, Grant.Role.DEVICE);
        this.claims = claims;
        this.scopes = scopes;
        this.servers = servers;
        link = newLink();
        link.start();
    }

    private SimLink newLink() {
        return new SimLink(
                world,
                keys,
                disk,
                SCHEMA,
                new Uplink.Client(grant, authorities()),
                Durability.APPLIED,
                scopes,
                any -> {
                    List<? extends SimServer> choice = servers.get();
                    return choice.isEmpty()
                            ? null
                            : choice.get(world.random.nextInt(choice.size())).dial(name);
                },
                this);
    }

    private long clock() {
        return world.nowMillis() + clockAheadMillis;
    }

    /** The person does something. */
    void write() {
        if (!up) return;
        String scope = scopes.get(world.random.nextInt(scopes.size()));
        Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
        Map<DocumentId, Long> increments = new HashMap<>();
        boolean forbidden = world.chance(0.01);
        int documents = world.chance(0.2) ? 3 : 1;
        for (int i = 0; i < documents; i++) {
            DocumentId id =
                    forbidden
                            ? new DocumentId(FORBIDDEN, "x")
                            : new DocumentId(
                                    world.chance(0.3) ? "counters" : "things",
                                    "d" + world.random.nextInt(5));
            if (!changes.containsKey(id)) changes.put(id, change(id, increments));
        }
        disk.write(
                tables -> new Author(tables, id(), SCHEMA).write(scope, changes, null, clock()),
                written -> {
                    for (long seq = written.first();
                            !written.isNothing() && seq <= written.last();
                            seq++) {
                        claims.saved(
                                new Claims.Written(
                                        scope,
                                        new Dot(id(), seq),
                                        documentOf(written, seq, increments),
                                        forbidden));
                    }
                    link.grew(scope);
                },
                () -> world.note(name + " was told that its disk is full"));
    }

    /** Increments by operation: the operations of one write stand in the order of its documents. */
    private static Map<DocumentId, Long> documentOf(
            Author.Written written, long seq, Map<DocumentId, Long> increments) {
        List<DocumentId> documents = new ArrayList<>(written.documents());
        DocumentId id = documents.get((int) (seq - written.first()));
        Long by = increments.get(id);
        return by == null ? Map.of() : Map.of(id, by);
    }

    private List<Change> change(DocumentId id, Map<DocumentId, Long> increments) {
        if (id.collection().equals("counters")) {
            long by = world.between(1, 5);
            increments.merge(id, by, Long::sum);
            return List.of(new Change.Increment("count", by));
        }
        Value value = Value.of(world.random.nextInt(100));
        return switch (world.random.nextInt(7)) {
            case 0 -> List.of(new Change.Delete());
            case 1 -> List.of(new Change.Add("tags", Value.of("t" + world.random.nextInt(4))));
            case 2 -> List.of(new Change.Remove("tags", Value.of("t" + world.random.nextInt(4))));
            case 3 ->
                    List.of(
                            new Change.Put(
                                    "address",
                                    new Value.Map(Map.of("city", value, "street", value))));
            case 4 -> List.of(new Change.Put("address.city", value));
            default -> List.of(new Change.Put("f" + world.random.nextInt(3), value));
        };
    }

    @Override
    public void believed(Receipt.Signed signed, SignedGrant signer) {
        Receipt receipt = signed.receipt();
        for (Span span : receipt.spans()) {
            if (!span.replica().equals(id())) continue;
            for (long seq = span.from(); seq <= span.to(); seq++) {
                claims.reached(receipt.scope(), new Dot(id(), seq), receipt.level());
            }
        }
    }

    @Override
    public void refused(Rejection rejection) {
        Span span = rejection.span();
        for (long seq = span.from(); seq <= span.to(); seq++)
            claims.refused(rejection.scope(), new Dot(id(), seq));
    }

    @Override
    public void regionTime(long millis) {
        for (String scope : scopes) {
            disk.write(
                    tables -> new Author(tables, id(), SCHEMA).heal(scope, millis),
                    healed -> link.grew(scope),
                    () -> {});
        }
        clockAheadMillis = 0;
    }

    @Override
    public void cloned() {
        throw new Claims.Broken(name + " was taken for a clone, and nobody cloned it");
    }

    @Override
    void crash() {
        up = false;
        link.stop();
        disk.crash();
    }

    @Override
    void restart() {
        up = true;
        link = newLink();
        link.start();
    }
}
