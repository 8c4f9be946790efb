package dev.holdfast.node.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Believes one node of the deployment, by its name in the certificate; by which host it was reached
 * does not matter then.
 */
final class NamedTrust extends X509ExtendedTrustManager {
    private final String name;
    private final X509TrustManager deployment;

    /**
     * @param name of the only node that is believed
     * @param deployment believes the deployment's CA
     */
    NamedTrust(String name, X509TrustManager deployment) {
        this.name = name;
        this.deployment = deployment;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        deployment.checkServerTrusted(chain, type);
        String found = PeerName.of(chain[0]);
        if (!found.equals(name))
            throw new CertificateException("it is " + found + ", and not " + name);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        throw new CertificateException("it has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return deployment.getAcceptedIssuers();
    }
}
