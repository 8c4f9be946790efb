package dev.holdfast.web.core;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.schema.Schema;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/** A batch of a {@link Replica} that waits for its signature. */
@JSClass
public final class Draft {
    private final Image image;
    private final Schema schema;
    private final Batch.Draft draft;

    Draft(Image image, Schema schema, Batch.Draft draft) {
        this.image = image;
        this.schema = schema;
        this.draft = draft;
    }

    /** What its author signs. */
    @JSExport
    public Uint8Array text() {
        return Octets.out(draft.signedText());
    }

    /**
     * Puts it into the outbox, unless something was sealed or stamped anew since it was drafted.
     */
    @JSExport
    public void seal(Uint8Array signature, double nowMillis) {
        Batch batch = draft.signed(Octets.in(signature));
        image.write(tables ->
                new Author(tables, image.self(), schema).seal(batch, (long) nowMillis) != null);
    }
}
