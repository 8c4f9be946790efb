package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * {@code Uint8Array}, which is what JavaScript calls bytes, to and from {@link Bytes}. Both ways
 * copy.
 */
final class Octets {
    private Octets() {}

    static Bytes in(Uint8Array octets) {
        Int8Array signed =
                new Int8Array(octets.getBuffer(), octets.getByteOffset(), octets.getLength());
        return Bytes.wrap(signed.copyToJavaArray());
    }

    static Uint8Array out(Bytes bytes) {
        Int8Array signed = Int8Array.copyFromJavaArray(bytes.unsafeArray());
        return new Uint8Array(signed.getBuffer(), signed.getByteOffset(), signed.getLength());
    }
}
