package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.MemoryStore;
import java.util.List;
import java.util.Set;

/** What every simulated node has: a name on the network, a key, a grant, a disk. */
abstract class SimNode {
    static final String FORBIDDEN = "audit";

    final World world;
    final SimKeys keys;
    final SimNetwork network;
    final String name;
    final Bytes authority;
    final SignedGrant grant;
    SimDisk disk;
    boolean up = true;

    SimNode(
            World world,
            SimKeys keys,
            SimNetwork network,
            String name,
            Bytes authority,
            Grant.Role role) {
        this.world = world;
        this.keys = keys;
        this.network = network;
        this.name = name;
        this.authority = authority;
        this.grant = grant(role);
        this.disk = new SimDisk(world, MemoryStore.buffered());
    }

    private SignedGrant grant(Grant.Role role) {
        List<String> write =
                role == Grant.Role.DEVICE ? List.of("things", "counters") : List.of(Grant.ANY);
        Grant content =
                new Grant(
                        keys.newKey(),
                        name,
                        role,
                        List.of(new Grant.Right(Grant.ANY, true, write)),
                        0,
                        1L << 45,
                        0);
        return SignedGrant.of(content, keys.sign(authority, SignedGrant.signedText(content)));
    }

    ReplicaId id() {
        return grant.replica();
    }

    Set<Bytes> authorities() {
        return Set.of(authority);
    }

    abstract void crash();

    abstract void restart();
}
