package dev.holdfast.drill.sim;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.core.sync.Upstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A device and the person who writes on it. */
class SimDevice extends SimNode implements SimLink.Node {
    /** Who says whether a region has what an author was told. */
    interface Truth {
        void told(Receipt receipt, Span span);
    }

    final List<String> scopes;
    final Schema schema;
    private final Topology.Person person;
    private final Supplier<List<? extends SimServer>> servers;
    private final Truth truth;
    private SimLink link;

    /** Those that were given to it, the last one first. */
    private Granted grants;

    SimDevice(
            Place place,
            String name,
            SignedGrant grant,
            Topology.Person person,
            Supplier<List<? extends SimServer>> servers,
            Truth truth) {
        super(place, name, grant);
        this.grants = Granted.of(grant);
        this.person = person;
        this.scopes = person.scopes();
        this.schema = Schemas.VERSIONS.get(person.schema());
        this.servers = servers;
        this.truth = truth;
        link = newLink();
        link.start();
    }

    private SimLink newLink() {
        return new SimLink(this, schema, scopes, servers, retainUntil(), this);
    }

    Durability retainUntil() {
        return person.retainUntil();
    }

    /** The person does something. */
    void write(Random dice) {
        write(Workload.draw(dice, person));
    }

    void write(Workload.Write write) {
        if (!up) return;
        String scope = write.scope();
        disk.write(
                tables -> {
                    Author author = new Author(tables, id(), schema);
                    Author.Written written =
                            Workload.seen(
                                    write,
                                    tables,
                                    this,
                                    () ->
                                            author.write(
                                                    scope, write.changes(), null, clock.millis()));
                    if (!written.isNothing()) wrote(write, written);
                    return written;
                },
                written -> {
                    if (!written.isNothing())
                        claims.saved(scope, id(), written.first(), written.last());
                    link.grew(scope);
                },
                () -> world.note(name + " was told that its disk is full"));
    }

    /** The operations of one write stand in the order of its documents. */
    private void wrote(Workload.Write write, Author.Written written) {
        List<DocumentId> documents = new ArrayList<>(written.documents());
        for (long seq = written.first(); seq <= written.last(); seq++) {
            DocumentId id = documents.get((int) (seq - written.first()));
            claims.wrote(
                    new Claims.Written(
                            write.scope(),
                            new Dot(id(), seq),
                            id,
                            write.increment(id),
                            write.forbidden(),
                            written.first(),
                            written.last()));
        }
    }

    /** The nodes that it knows, but for {@code liar}. */
    List<SimServer> honestServers(@Nullable SimLiar liar) {
        List<SimServer> honest = new ArrayList<>();
        for (SimServer server : servers.get()) if (server != liar) honest.add(server);
        return honest;
    }

    /** Is given another grant, without the right to write notes; the one before still counts. */
    boolean narrow() {
        if (grants.all().size() > 1) return false;
        grant = place.grant(grant.publicKey(), name, Grant.Role.DEVICE, Workload.WITHOUT_NOTES);
        grants = grants.ledBy(grant);
        if (!up) return true;
        link.stop();
        link = newLink();
        link.start();
        return true;
    }

    /** What others wrote that it does not know to be as safe as its own must be. */
    Context unheard(String scope) {
        Uplink.Action.Wonder all = new Uplink.Action.Wonder(scope, null);
        return disk.store.read(
                tables -> new Upstream(tables, id(), Grant.Role.DEVICE, retainUntil()).wonder(all));
    }

    @Override
    Granted grants() {
        return grants;
    }

    void grew(String scope) {
        link.grew(scope);
    }

    void moveOn() {
        link.moveOn();
    }

    @Override
    public void believed(Receipt.Signed signed, SignedGrant signer) {
        Receipt receipt = signed.receipt();
        for (Span span : receipt.spans()) {
            if (receipt.level().reaches(Durability.REGION)) truth.told(receipt, span);
            if (!span.replica().equals(id())) {
                world.coverage.count(Coverage.HEARD);
                continue;
            }
            for (long seq = span.from(); seq <= span.to(); seq++) {
                claims.reached(
                        receipt.scope(), receipt.node(), new Dot(id(), seq), receipt.level());
            }
            if (receipt.level().reaches(Durability.GLOBAL)) world.coverage.count(Coverage.GLOBAL);
        }
    }

    @Override
    public void refused(Verdict verdict, SignedGrant signer) {
        Rejection rejection = verdict.rejection();
        world.note(name + " was refused " + rejection.span() + ": " + rejection.reason());
    }

    @Override
    public void regionTime(long millis) {
        for (String scope : scopes) {
            disk.write(
                    tables -> new Author(tables, id(), schema).heal(scope, millis),
                    healed -> link.grew(scope),
                    () -> {});
        }
    }

    @Override
    public void cloned() {
        throw new Broken(
                Invariant.NOTHING_FAILS, name + " was taken for a clone, and nobody cloned it");
    }

    @Override
    void crash() {
        up = false;
        link.stop();
        disk.crash();
        for (String scope : scopes)
            claims.lost(scope, id(), disk.store.read(tables -> tables.context(scope, id())).max());
    }

    @Override
    void restart() {
        up = true;
        link = newLink();
        link.start();
    }
}
