package dev.holdfast.node.tls;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/** The name in a certificate's subject: a node's name, or a replica's id in hexadecimal. */
public final class PeerName {
    private PeerName() {}

    /** The common name, or an empty text where there is none. */
    public static String of(X509Certificate certificate) {
        X500Name subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        RDN[] names = subject.getRDNs(BCStyle.CN);
        return names.length == 0 ? "" : IETFUtils.valueToString(names[0].getFirst().getValue());
    }

    /**
     * The name of the peer that presented {@code chain}, which TLS verified; its own comes first.
     */
    public static Optional<String> of(List<Certificate> chain) {
        return !chain.isEmpty() && chain.getFirst() instanceof X509Certificate own
                ? Optional.of(of(own))
                : Optional.empty();
    }
}
