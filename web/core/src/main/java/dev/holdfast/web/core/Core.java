package dev.holdfast.web.core;

import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSExportClasses;
import org.teavm.jso.JSObject;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * The functions of the ES module, beside its classes {@link Replica}, {@link Session} and {@link
 * ScopeState}. Bytes are {@code Uint8Array}s; malformed input throws an {@code Error} that says
 * what is wrong with it.
 */
@JSExportClasses({ScopeState.class, Replica.class, Session.class, Draft.class, Incoming.class})
public final class Core {
    private Core() {}

    /** The deterministic CBOR of a value: see {@link JsValues} for what may be in it. */
    @JSExport
    public static Uint8Array encodeValue(JSObject value) {
        return Octets.out(CborWriter.encode(JsValues.in(value)));
    }

    /** The value of deterministic CBOR; any other CBOR is malformed. */
    @JSExport
    public static JSObject decodeValue(Uint8Array cbor) {
        return JsValues.out(CborReader.decode(Octets.in(cbor)));
    }

    @JSExport
    public static Uint8Array sha256(Uint8Array octets) {
        return Octets.out(Sha256.of(Octets.in(octets)));
    }

    /** The hash that names a batch, as encoded with its signature. */
    @JSExport
    public static Uint8Array batchHash(Uint8Array batch) {
        return Octets.out(Batch.decode(Octets.in(batch)).hash());
    }

    /** What the batch's author signed. */
    @JSExport
    public static Uint8Array batchSignedText(Uint8Array batch) {
        Batch decoded = Batch.decode(Octets.in(batch));
        return Octets.out(Batch.draft(decoded.body()).signedText());
    }

    /** A batch read to the last field and written anew; the same bytes, since it has one form. */
    @JSExport
    public static Uint8Array batchRewritten(Uint8Array batch) {
        Batch decoded = Batch.decode(Octets.in(batch));
        return Octets.out(Batch.draft(decoded.body()).signed(decoded.signature()).encoded());
    }
}
