package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.operation.SignatureCheck;
import java.util.HashMap;
import java.util.Map;

/**
 * Signatures for simulations: unforgeable within one world, and two hashes cheap. Signing and
 * verifying are actions of the machines, so nothing else notices.
 */
final class SimKeys {
    private final World world;
    private final Map<Bytes, Bytes> secrets = new HashMap<>();

    SimKeys(World world) {
        this.world = world;
    }

    /** A new key pair; the answer is the public half. */
    Bytes newKey() {
        Bytes secret = random(32);
        Bytes publicKey = Sha256.of(secret);
        secrets.put(publicKey, secret);
        return publicKey;
    }

    Bytes random(int size) {
        byte[] bytes = new byte[size];
        world.random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    Bytes sign(Bytes publicKey, Bytes text) {
        Bytes secret = secrets.get(publicKey);
        if (secret == null) throw new IllegalStateException("not a key of this world");
        Bytes first = new Sha256().update(secret).update(text).digest();
        return first.concat(Sha256.of(first));
    }

    boolean verify(SignatureCheck check) {
        return secrets.containsKey(check.publicKey())
                && sign(check.publicKey(), check.text()).equals(check.signature());
    }
}
