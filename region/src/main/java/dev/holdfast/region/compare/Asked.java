package dev.holdfast.region.compare;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import java.io.IOException;

/** A region that answers {@link Question}s: this one, or another over the network. */
@FunctionalInterface
public interface Asked {
    /**
     * The answer to an encoded question.
     *
     * @throws IOException when there is none; the message says why, for people
     */
    Bytes ask(Bytes question) throws IOException, InterruptedException;

    /**
     * As {@link #ask(Bytes)}.
     *
     * @throws dev.holdfast.core.MalformedException when the answer is none
     */
    default <A> A ask(Question<A> question) throws IOException, InterruptedException {
        CborWriter out = new CborWriter(256);
        question.write(out);
        CborReader in = new CborReader(ask(out.toBytes()));
        A answer = question.readAnswer(in);
        in.finish();
        return answer;
    }
}
