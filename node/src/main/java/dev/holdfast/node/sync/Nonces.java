package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Nonces that prove their own age, for a transport on which a session is gone before its client
 * comes back: the time they were made, and an HMAC of it under a secret of this process.
 * Thread-safe.
 */
final class Nonces {
    static final Duration VALIDITY = Duration.ofMinutes(5);

    private static final String HMAC = "HmacSHA256";
    private static final int TIME_BYTES = 8;
    private static final int MAC_BYTES = 24;

    private final SecretKeySpec secret;

    Nonces(Entropy entropy) {
        secret = new SecretKeySpec(entropy.bytes(32).toArray(), HMAC);
    }

    Bytes make(long nowMillis) {
        byte[] nonce = new byte[TIME_BYTES + MAC_BYTES];
        for (int i = 0; i < TIME_BYTES; i++) nonce[i] = (byte) (nowMillis >>> 56 - 8 * i);
        byte[] mac = mac(Arrays.copyOf(nonce, TIME_BYTES));
        System.arraycopy(mac, 0, nonce, TIME_BYTES, MAC_BYTES);
        return Bytes.wrap(nonce);
    }

    boolean isFresh(Bytes nonce, long nowMillis) {
        if (nonce.size() != TIME_BYTES + MAC_BYTES) return false;
        long made = 0;
        for (int i = 0; i < TIME_BYTES; i++) made = made << 8 | nonce.at(i) & 0xff;
        byte[] mac = Arrays.copyOf(mac(nonce.slice(0, TIME_BYTES).toArray()), MAC_BYTES);
        boolean ours =
                MessageDigest.isEqual(
                        mac, nonce.slice(TIME_BYTES, TIME_BYTES + MAC_BYTES).toArray());
        // A clock that was set back must not make an old one young again for long.
        return ours && Math.abs(nowMillis - made) <= VALIDITY.toMillis();
    }

    private byte[] mac(byte[] time) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(secret);
            return mac.doFinal(time);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no " + HMAC, e);
        }
    }
}
