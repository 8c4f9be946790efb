package dev.holdfast.core.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import org.junit.jupiter.api.Test;

final class VerdictTest {
    private static final ReplicaId NODE = ReplicaId.of(Bytes.wrap(new byte[16]));
    private static final Bytes SIGNATURE = Bytes.wrap(new byte[64]);
    private static final Span SPAN = new Span(NODE, 3, 5, Bytes.wrap(new byte[32]));

    @Test
    void a_verdict_is_read_as_it_was_written() {
        Verdict verdict = verdict("too late");
        assertThat(read(verdict)).isEqualTo(verdict);
    }

    @Test
    void a_signature_is_on_every_part_of_the_refusal() {
        Bytes text = Verdict.signedText(NODE, rejection("too late"));
        assertThat(Verdict.signedText(NODE, rejection("too early"))).isNotEqualTo(text);
        Rejection other = new Rejection("clinic-8", SPAN, Rejection.Code.GRANT_EXPIRED, "too late");
        assertThat(Verdict.signedText(NODE, other)).isNotEqualTo(text);
        assertThat(verdict("too late").check(Bytes.EMPTY).text()).isEqualTo(text);
    }

    /** Else whoever hears it would end every session at it. */
    @Test
    void a_reason_of_any_length_can_be_read_by_others() {
        Verdict verdict = verdict("x".repeat(5_000));
        assertThat(read(verdict).rejection().reason()).hasSize(Limits.REASON_CHARS);
    }

    /** Half a pair has no encoding: the refusal would have ended the session that brings it. */
    @Test
    void a_reason_is_not_cut_within_a_character() {
        Verdict verdict = verdict("x" + "\ud83d\ude00".repeat(Limits.REASON_CHARS));
        assertThat(read(verdict).rejection().reason())
                .hasSize(Limits.REASON_CHARS - 1)
                .endsWith("\ud83d\ude00");
    }

    @Test
    void a_verdict_on_what_is_no_scope_is_malformed() {
        Rejection refused = new Rejection("a b", SPAN, Rejection.Code.FORBIDDEN, "no");
        Verdict verdict = Verdict.signed(NODE, refused, text -> SIGNATURE);
        assertThatThrownBy(() -> read(verdict)).isInstanceOf(MalformedException.class);
    }

    @Test
    void a_longer_reason_of_another_is_malformed() {
        Bytes written = written(verdict("x".repeat(Limits.REASON_CHARS)));
        // A text of 1,000 bytes has its length in two bytes after 0x79.
        byte[] bytes = written.toArray();
        byte[] longer = new byte[bytes.length + 1];
        int at = written.hex().indexOf("7903e8") / 2;
        System.arraycopy(bytes, 0, longer, 0, at + 3);
        longer[at + 2]++;
        longer[at + 3] = 'x';
        System.arraycopy(bytes, at + 3, longer, at + 4, bytes.length - at - 3);
        assertThatThrownBy(() -> Verdict.read(new CborReader(Bytes.wrap(longer))))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("story");
    }

    private static Rejection rejection(String reason) {
        return new Rejection("clinic-7", SPAN, Rejection.Code.GRANT_EXPIRED, reason);
    }

    private static Verdict verdict(String reason) {
        return Verdict.signed(NODE, rejection(reason), text -> SIGNATURE);
    }

    private static Bytes written(Verdict verdict) {
        CborWriter out = new CborWriter();
        verdict.write(out);
        return out.toBytes();
    }

    private static Verdict read(Verdict verdict) {
        CborReader in = new CborReader(written(verdict));
        Verdict read = Verdict.read(in);
        in.finish();
        return read;
    }
}
