package dev.holdfast.device;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Bundle;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Upstream;
import dev.holdfast.keys.Verifier;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreTables;
import java.util.ArrayList;
import java.util.List;

/** What leaves a device in a file, and comes to another in one. Thread-safe. */
final class Bundles {
    private final ReplicaStore store;
    private final DeviceSettings settings;
    private final Verifier verifier;

    Bundles(ReplicaStore store, DeviceSettings settings, Verifier verifier) {
        this.store = store;
        this.settings = settings;
        this.verifier = verifier;
    }

    /** All that this device answers for, sealed; on its own disk when this returns. */
    Bytes export(long nowMillis) {
        requireGrant("nobody takes in what was written without a grant");
        for (String scope : store.read(StoreTables::scopes)) {
            if (store.isHeld(scope))
                throw new DeviceException(
                        "This device has taken a new key: a node must tell first what it has of the"
                                + " writes under the one before. Connect it once.");
            while (store.seal(scope, nowMillis).isPresent()) {}
        }
        try {
            return store.read(tables -> upstream(tables).bundle().encoded());
        } catch (MalformedException e) {
            throw new DeviceException("Too much waits here for one file: " + e.getMessage(), e);
        }
    }

    /**
     * Takes in such a file, all of it or nothing.
     *
     * @param renewed run where it shows that this device's disk was copied, and it has a new key
     * @return how many operations were new here
     */
    long take(Bytes file, long nowMillis, Runnable renewed) {
        Grant reader = requireGrant("a device without one may read nothing").grant();
        if (settings.authorities().isEmpty())
            throw new DeviceException(
                    "To believe a file the authority's public key is needed: withAuthorities(…)");
        Bundle.Accepted accepted = accepted(file, reader, nowMillis);
        Upstream.Carried carried = carry(accepted, nowMillis);
        if (!carried.cloned()) return carried.operations();
        succeed(accepted);
        renewed.run();
        // Under the new key, what somebody else wrote under the old one is nobody's own.
        Upstream.Carried again = carry(accepted, nowMillis);
        if (again.cloned())
            throw new DeviceException(
                    "Nothing of the file was kept: it has writes of this device that it does not"
                            + " know, also under its new key");
        return again.operations();
    }

    private Upstream.Carried carry(Bundle.Accepted accepted, long nowMillis) {
        return store.write(tables -> upstream(tables).carry(accepted, nowMillis));
    }

    private Bundle.Accepted accepted(Bytes file, Grant reader, long nowMillis) {
        Bundle.Judgement judgement;
        try {
            Bundle.Admittance door =
                    Bundle.decode(file).new Admittance(reader, settings.authorities(), nowMillis);
            List<Boolean> answers = new ArrayList<>();
            for (SignatureCheck check : door.checks())
                answers.add(verifier.verify(check.publicKey(), check.text(), check.signature()));
            judgement = door.judged(answers);
        } catch (MalformedException e) {
            throw new DeviceException("Nothing of the file was kept: " + e.getMessage(), e);
        }
        return switch (judgement) {
            case Bundle.Accepted accepted -> accepted;
            case Bundle.Refused(var code, String reason) ->
                    throw new DeviceException(
                            "Nothing of the file was kept: " + reason + " (" + code.text() + ")");
        };
    }

    private void succeed(Bundle.Accepted accepted) {
        for (Message.Push push : accepted.pushes()) {
            for (Batch batch : push.batches())
                store.shownForeign(push.scope(), batch.author(), batch.last(), batch.hash());
        }
    }

    private Upstream upstream(StoreTables tables) {
        return new Upstream(tables, tables.replica(), Grant.Role.DEVICE, settings.retainUntil());
    }

    private SignedGrant requireGrant(String why) {
        SignedGrant grant = store.read(tables -> tables.grant(tables.replica()));
        if (grant == null) throw new DeviceException("This device has no grant, and " + why);
        return grant;
    }
}
