package dev.holdfast.node.tls;

import dev.holdfast.keys.KeysException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Certificates and EC private keys as PEM text. */
final class Pem {
    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    private static final String BEGIN_KEY = "-----BEGIN PRIVATE KEY-----";
    private static final String END_KEY = "-----END PRIVATE KEY-----";

    private Pem() {}

    static String text(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + LINES.encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            throw new KeysException("A certificate cannot be encoded", e);
        }
    }

    static String text(PrivateKey key) {
        return BEGIN_KEY + "\n" + LINES.encodeToString(key.getEncoded()) + "\n" + END_KEY + "\n";
    }

    /** The first certificate in {@code pem}. */
    static X509Certificate certificate(byte[] pem, String origin) {
        try {
            Certificate read =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(pem));
            if (read instanceof X509Certificate certificate) return certificate;
            throw new KeysException("There is no certificate in " + origin);
        } catch (CertificateException e) {
            throw new KeysException("The certificate in " + origin + " is damaged", e);
        }
    }

    static PrivateKey privateKey(byte[] pem, String origin) {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        int begin = text.indexOf(BEGIN_KEY);
        int end = text.indexOf(END_KEY);
        if (begin < 0 || end < begin)
            throw new KeysException("There is no private key in " + origin);
        try {
            byte[] der =
                    Base64.getMimeDecoder().decode(text.substring(begin + BEGIN_KEY.length(), end));
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            // Without the cause: its message may quote the key.
            throw new KeysException(
                    "The private key in " + origin + " is not an EC key, or damaged");
        }
    }

    /** Whether {@code key} signs what {@code certificate} verifies. */
    static boolean belong(X509Certificate certificate, PrivateKey key) {
        return belong(certificate.getPublicKey(), key);
    }

    private static boolean belong(PublicKey open, PrivateKey secret) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(secret);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
