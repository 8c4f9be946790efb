package dev.holdfast.keys;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Trust in one deployment's CA and in no other: the machine's own list of authorities plays no
 * part. For clients that present no certificate, such as a device; it uses the JDK only.
 */
public final class PinnedTrust {
    private final List<X509Certificate> authorities;
    private final X509TrustManager trustManager;

    private PinnedTrust(List<X509Certificate> authorities) {
        this.authorities = List.copyOf(authorities);
        this.trustManager = trusting(this.authorities);
    }

    /**
     * The authorities in a PEM file; several stand in it while one replaces another.
     *
     * @throws KeysException when it cannot be read or holds none
     */
    public static PinnedTrust load(Path pem) {
        try {
            return ofPem(Files.readAllBytes(pem), pem.toString());
        } catch (IOException e) {
            throw new KeysException(
                    "Cannot read the certificates in " + pem + ": " + DurableFile.reason(e), e);
        }
    }

    /** As {@link #load}, from bytes; {@code origin} names them in errors. */
    public static PinnedTrust ofPem(byte[] pem, String origin) {
        try {
            Collection<? extends Certificate> read =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem));
            List<X509Certificate> authorities =
                    read.stream().map(X509Certificate.class::cast).toList();
            if (authorities.isEmpty())
                throw new KeysException("There is no certificate in " + origin);
            return new PinnedTrust(authorities);
        } catch (CertificateException e) {
            throw new KeysException("The certificates in " + origin + " are damaged", e);
        }
    }

    public List<X509Certificate> authorities() {
        return authorities;
    }

    /** Believes chains that end at one of the authorities. */
    public X509TrustManager trustManager() {
        return trustManager;
    }

    /** A context without a certificate of one's own. Restrict its sockets to {@code TLSv1.3}. */
    public SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, new TrustManager[] {trustManager}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new KeysException("This Java has no TLS 1.3", e);
        }
    }

    /** For OkHttp, which wants it beside the {@link #trustManager()}. */
    public SSLSocketFactory socketFactory() {
        return context().getSocketFactory();
    }

    private static X509TrustManager trusting(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) return x509;
            }
            throw new KeysException("This Java has no X.509 trust manager");
        } catch (GeneralSecurityException | IOException e) {
            throw new KeysException("The authorities' certificates cannot be trusted", e);
        }
    }
}
