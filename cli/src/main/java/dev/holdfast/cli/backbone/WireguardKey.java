package dev.holdfast.cli.backbone;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.keys.Entropy;
import java.util.Base64;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;

/** A WireGuard key pair: X25519 (RFC 7748). Shows its secret half to a file alone. */
final class WireguardKey {
    private static final int BYTES = 32;

    private final byte[] secret;

    private WireguardKey(byte[] secret) {
        this.secret = secret;
    }

    static WireguardKey create(Entropy entropy) {
        byte[] secret = entropy.bytes(BYTES).toArray();
        // As RFC 7748 has it, and wg genkey writes it.
        secret[0] = (byte) (secret[0] & 0xf8);
        secret[31] = (byte) (secret[31] & 0x7f | 0x40);
        return new WireguardKey(secret);
    }

    static WireguardKey parse(String text) {
        try {
            byte[] secret = Base64.getDecoder().decode(text);
            if (secret.length == BYTES) return new WireguardKey(secret);
        } catch (IllegalArgumentException e) {
            // Without the cause: its message may quote the key.
        }
        throw new Failure(
                "a wireguard.key is damaged",
                "it is not 32 bytes in base64",
                "move it away, and a new one is made; every member's configuration is then to be"
                        + " written again");
    }

    String secretText() {
        return Base64.getEncoder().encodeToString(secret);
    }

    String publicText() {
        byte[] open = new X25519PrivateKeyParameters(secret, 0).generatePublicKey().getEncoded();
        return Base64.getEncoder().encodeToString(open);
    }

    @Override
    public String toString() {
        return "WireguardKey[" + publicText() + "]";
    }
}
