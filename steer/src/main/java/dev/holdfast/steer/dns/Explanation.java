package dev.holdfast.steer.dns;

import dev.holdfast.steer.pool.Choice;
import java.util.List;

/**
 * Why a client is answered as it is.
 *
 * @param question such as {@code www.holdfast.example A}
 * @param line of the client
 * @param lineReason why it is of that line
 * @param steps what was found, from the zone to the records, a sentence each
 * @param choices of the pools that the answer was made of
 * @param code such as {@code NOERROR}
 * @param answer the records, in text form
 */
public record Explanation(
        String question,
        String line,
        String lineReason,
        List<String> steps,
        List<Chosen> choices,
        String code,
        List<String> answer) {

    /**
     * One pool.
     *
     * @param among who could be chosen from
     * @param how the last step: the same for everybody, by the client's network, or by lot
     * @param considered every endpoint, and why it leads or not
     * @param named the endpoints in this answer
     */
    public record Chosen(
            String pool,
            String policy,
            Choice.Among among,
            String how,
            List<Choice.Considered> considered,
            List<String> named) {}
}
