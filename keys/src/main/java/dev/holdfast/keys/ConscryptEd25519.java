package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import org.conscrypt.Conscrypt;

/** Ed25519 by BoringSSL. Its keys are its own: they are never handed to another provider. */
final class ConscryptEd25519 implements Ed25519 {
    private static final String ALGORITHM = "EdDSA";

    private final Provider provider;

    private ConscryptEd25519(Provider provider) {
        this.provider = provider;
    }

    /**
     * Empty where the native library is missing or does not work: it must sign once to be believed.
     */
    static Optional<Ed25519> load() {
        try {
            ConscryptEd25519 loaded = new ConscryptEd25519(Conscrypt.newProvider());
            loaded.signer(Bytes.wrap(new byte[SEED_BYTES])).sign(new byte[0]);
            return Optional.of(loaded);
        } catch (LinkageError | KeysException unavailable) {
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        Conscrypt.Version version = Conscrypt.version();
        return "Conscrypt " + version.major() + "." + version.minor() + "." + version.patch();
    }

    @Override
    public Signer signer(Bytes seed) {
        PrivateKey key = privateKey(seed);
        return message -> {
            try {
                Signature signature = Signature.getInstance(ALGORITHM, provider);
                signature.initSign(key);
                signature.update(message);
                return signature.sign();
            } catch (GeneralSecurityException e) {
                throw new KeysException("Conscrypt did not sign with Ed25519", e);
            }
        };
    }

    @Override
    public Optional<Checker> checker(Bytes publicKey) {
        if (BouncyEd25519.point(publicKey).isEmpty()) return Optional.empty();
        PublicKey key = publicKey(publicKey);
        return Optional.of((message, signature) -> holds(key, message, signature));
    }

    private boolean holds(PublicKey key, byte[] message, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES) return false;
        try {
            Signature check = Signature.getInstance(ALGORITHM, provider);
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (SignatureException refused) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new KeysException("Conscrypt cannot verify Ed25519", e);
        }
    }

    private PrivateKey privateKey(Bytes seed) {
        try {
            return KeyFactory.getInstance(ALGORITHM, provider)
                    .generatePrivate(new PKCS8EncodedKeySpec(KeyEncoding.pkcs8(seed)));
        } catch (GeneralSecurityException e) {
            throw new KeysException("Conscrypt does not take an Ed25519 private key", e);
        }
    }

    private PublicKey publicKey(Bytes raw) {
        try {
            return KeyFactory.getInstance(ALGORITHM, provider)
                    .generatePublic(new X509EncodedKeySpec(KeyEncoding.spki(raw)));
        } catch (GeneralSecurityException e) {
            throw new KeysException("Conscrypt does not take an Ed25519 public key", e);
        }
    }
}
