package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.MemoryStore;
import java.util.List;
import java.util.Set;

/** What every simulated node has: a name on the network, a key, a grant, a clock, a disk. */
abstract class SimNode {
    /** What a node is made of that all nodes share. */
    record Place(World world, SimKeys keys, SimNetwork network, Claims claims, Bytes authority) {
        /** A grant for a new key. */
        SignedGrant newGrant(String subject, Grant.Role role) {
            List<String> write =
                    role == Grant.Role.DEVICE ? Workload.COLLECTIONS : List.of(Grant.ANY);
            return grant(keys.newKey(), subject, role, write);
        }

        SignedGrant grant(Bytes key, String subject, Grant.Role role, List<String> write) {
            Grant content =
                    new Grant(
                            key,
                            subject,
                            role,
                            List.of(new Grant.Right(Grant.ANY, true, write)),
                            0,
                            1L << 45,
                            0);
            return SignedGrant.of(content, keys.sign(authority, SignedGrant.signedText(content)));
        }
    }

    final Place place;
    final World world;
    final SimKeys keys;
    final SimNetwork network;
    final Claims claims;
    final String name;
    SignedGrant grant;
    final SimClock clock;
    SimDisk disk;
    boolean up = true;

    SimNode(Place place, String name, SignedGrant grant) {
        this.place = place;
        this.world = place.world();
        this.keys = place.keys();
        this.network = place.network();
        this.claims = place.claims();
        this.name = name;
        this.grant = grant;
        this.clock = new SimClock(world);
        this.disk = new SimDisk(world, MemoryStore.buffered());
    }

    ReplicaId id() {
        return grant.replica();
    }

    /** All that it was given; more than one only where a device's was renewed. */
    Granted grants() {
        return Granted.of(grant);
    }

    Set<Bytes> authorities() {
        return Set.of(place.authority());
    }

    abstract void crash();

    abstract void restart();

    @Override
    public String toString() {
        return name;
    }
}
