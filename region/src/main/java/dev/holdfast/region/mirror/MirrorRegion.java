package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * What all links of a region share.
 *
 * @param client who it is to the others
 * @param signer answers the signature of the grant's key
 * @param global told what became GLOBAL in which scope
 */
public record MirrorRegion(
        Uplink.Client client,
        UnaryOperator<Bytes> signer,
        Mirror mirror,
        KnownScopes scopes,
        BiConsumer<String, List<Span>> global,
        Verifier verifier,
        PeerSockets sockets,
        MeterRegistry meters,
        InstantSource clock,
        Entropy entropy) {}
