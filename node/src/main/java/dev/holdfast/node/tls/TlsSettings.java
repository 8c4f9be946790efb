package dev.holdfast.node.tls;

import java.nio.file.Path;

/**
 * Where a node finds its trust.
 *
 * @param certificate the node's certificate, PEM
 * @param key its private key, PEM
 * @param authority the deployment's CA, PEM; two of them while one replaces the other
 */
public record TlsSettings(Path certificate, Path key, Path authority) {
    /** The files that {@code keys} writes for a node into {@code folder}. */
    public static TlsSettings in(Path folder) {
        return new TlsSettings(
                folder.resolve(Identity.CERTIFICATE),
                folder.resolve(Identity.KEY),
                folder.resolve(Authority.CA_CERTIFICATE));
    }
}
