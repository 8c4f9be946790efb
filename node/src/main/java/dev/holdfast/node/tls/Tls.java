package dev.holdfast.node.tls;

import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.PinnedTrust;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509KeyManager;

/**
 * A node's end of a TLS connection: TLS 1.3 only, its own identity, and trust in the deployment's
 * CA alone. Immutable; a renewed identity makes another one.
 */
public final class Tls {
    /** The only version that is spoken. */
    public static final String VERSION = "TLSv1.3";

    private static final long HANDSHAKE_MILLIS = 10_000;

    private final Identity identity;
    private final PinnedTrust trust;
    private final X509KeyManager keyManager;

    public Tls(Identity identity, PinnedTrust trust) {
        this.identity = identity;
        this.trust = trust;
        this.keyManager = keyManager(identity);
    }

    /** From the files that the settings name. */
    public static Tls load(TlsSettings settings) {
        return new Tls(
                Identity.load(settings.certificate(), settings.key()),
                PinnedTrust.load(settings.authority()));
    }

    public Identity identity() {
        return identity;
    }

    public PinnedTrust trust() {
        return trust;
    }

    /**
     * For servers. A client is asked for a certificate and may have none: a device shows a grant
     * instead.
     */
    public ServerSSLOptions serverOptions() {
        ServerSSLOptions options = new ServerSSLOptions();
        restrict(options);
        return options.setClientAuth(ClientAuth.REQUEST);
    }

    /**
     * What does the work of TLS for whoever takes or makes thousands of connections: BoringSSL,
     * where there is a build of it for this machine, and the JDK elsewhere. Handshakes run on
     * Vert.x's worker threads.
     */
    public static SSLEngineOptions engine() {
        SSLEngineOptions engine =
                OpenSSLEngineOptions.isAvailable()
                        ? new OpenSSLEngineOptions()
                        : new JdkSSLEngineOptions();
        return engine.setUseWorkerThread(true);
    }

    /** For clients that call other nodes and present this node's certificate. */
    public ClientSSLOptions clientOptions() {
        ClientSSLOptions options = new ClientSSLOptions();
        restrict(options);
        return options.setHostnameVerificationAlgorithm("HTTPS");
    }

    /** The same for clients outside Vert.x. Restrict its sockets to {@link #VERSION}. */
    public SSLContext clientContext() {
        return context(trust.trustManager());
    }

    /**
     * For a client that calls the very node whose identity this is: under whatever name it finds
     * it, it believes nobody else. Restrict its sockets to {@link #VERSION}.
     */
    public SSLContext ownContext() {
        return contextFor(identity.name());
    }

    /**
     * For a client that calls the node of this name, and believes no other, whatever the host is
     * called. Restrict its sockets to {@link #VERSION}.
     */
    public SSLContext contextFor(String node) {
        return context(new NamedTrust(node, trust.trustManager()));
    }

    private SSLContext context(TrustManager trusted) {
        try {
            SSLContext context = SSLContext.getInstance(VERSION);
            context.init(new KeyManager[] {keyManager}, new TrustManager[] {trusted}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new KeysException("This Java has no " + VERSION, e);
        }
    }

    private void restrict(SSLOptions options) {
        options.setEnabledSecureTransportProtocols(Set.of(VERSION))
                .setUseAlpn(true)
                .setSslHandshakeTimeout(HANDSHAKE_MILLIS)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeyCertOptions(KeyCertOptions.wrap(keyManager))
                .setTrustOptions(TrustOptions.wrap(trust.trustManager()));
    }

    private static X509KeyManager keyManager(Identity identity) {
        // The password guards nothing: the store lives in memory, beside the key itself.
        char[] password = new char[0];
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            Certificate[] chain = {identity.certificate()};
            store.setKeyEntry("node", identity.key(), password, chain);
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password);
            for (KeyManager manager : factory.getKeyManagers()) {
                if (manager instanceof X509KeyManager x509) return x509;
            }
            throw new KeysException("This Java has no X.509 key manager");
        } catch (GeneralSecurityException | IOException e) {
            throw new KeysException("The identity of " + identity.name() + " cannot be used", e);
        }
    }
}
