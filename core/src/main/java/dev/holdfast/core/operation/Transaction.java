package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operations of one scope that become visible together, everywhere, or not at all.
 *
 * @param trace the 16 bytes of a W3C trace id that a caller brought along; null for the usual one,
 *     which is derived from the first dot and so costs nothing on the wire
 */
public record Transaction(@Nullable Bytes trace, List<Operation> operations) {
    public static final int TRACE_BYTES = 16;

    public Transaction {
        if (operations.isEmpty()) throw new MalformedException("a transaction without operations");
        if (trace != null && trace.size() != TRACE_BYTES)
            throw new MalformedException("a trace id has 16 bytes");
        operations = List.copyOf(operations);
    }

    /** The id under which every node traces this write. */
    public Bytes traceId(String scope) {
        if (trace != null) return trace;
        Dot dot = operations.get(0).dot();
        byte[] name = (scope + '/' + dot).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return Sha256.of(Bytes.wrap(name)).slice(0, TRACE_BYTES);
    }
}
