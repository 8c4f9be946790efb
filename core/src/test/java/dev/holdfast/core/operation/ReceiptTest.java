package dev.holdfast.core.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ReceiptTest {
    @Test
    void a_receipt_comes_back_as_it_was_encoded() {
        Seeds.each(
                1000,
                random -> {
                    Receipt.Signed signed = signed(random);
                    assertThat(Receipt.Signed.decoded(signed.encoded())).isEqualTo(signed);
                });
    }

    @Test
    void a_changed_byte_is_refused_or_changes_what_is_asked_of_the_signature() {
        Bytes key = RandomValues.bytes(new Random(1), 32);
        Seeds.each(
                3000,
                random -> {
                    Receipt.Signed signed = signed(random);
                    byte[] changed = signed.encoded().toArray();
                    changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
                    Receipt.Signed read;
                    try {
                        read = Receipt.Signed.decoded(Bytes.wrap(changed));
                    } catch (MalformedException e) {
                        return;
                    }
                    assertThat(read.check(key)).isNotEqualTo(signed.check(key));
                });
    }

    @Test
    void what_is_signed_is_said_to_be_a_receipt_and_covers_all_of_it() {
        Receipt.Signed signed = signed(new Random(7));
        assertThat(signed.check(Bytes.EMPTY).text()).isEqualTo(signed.receipt().signedText());
        Receipt one = signed.receipt();
        Receipt later =
                new Receipt(
                        one.node(), one.scope(), one.level(), one.timeMillis() + 1, one.spans());
        assertThat(later.signedText()).isNotEqualTo(one.signedText());
    }

    @Test
    void a_receipt_has_spans_but_not_too_many() {
        Span span = new Span(Operations.replica(1), 1, 1, Bytes.wrap(new byte[32]));
        for (List<Span> spans :
                List.of(List.<Span>of(), Collections.nCopies(Limits.SPANS_PER_MESSAGE + 1, span))) {
            assertThatThrownBy(() ->
                            new Receipt(Operations.replica(2), "s", Durability.EDGE, 1, spans))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void a_span_is_within_the_sequence_numbers_and_has_a_hash() {
        Bytes hash = Bytes.wrap(new byte[32]);
        ReplicaId replica = Operations.replica(1);
        for (long[] ends :
                new long[][] {{0, 1}, {2, 1}, {1, Limits.MAX_SEQ + 1}, {1, Long.MAX_VALUE}}) {
            assertThatThrownBy(() -> new Span(replica, ends[0], ends[1], hash))
                    .isInstanceOf(MalformedException.class);
        }
        assertThatThrownBy(() -> new Span(replica, 1, 1, Bytes.EMPTY))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void levels_include_those_before_them() {
        assertThat(Durability.GLOBAL.reaches(Durability.APPLIED)).isTrue();
        assertThat(Durability.APPLIED.reaches(Durability.APPLIED)).isTrue();
        assertThat(Durability.REGION.reaches(Durability.APPLIED)).isFalse();
        for (Durability level : Durability.values()) {
            assertThat(Durability.ofCode(level.code())).isEqualTo(level);
        }
        assertThatThrownBy(() -> Durability.ofCode(5)).isInstanceOf(MalformedException.class);
    }

    private static Receipt.Signed signed(Random random) {
        List<Span> spans = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            long from = 1L + random.nextInt(100_000);
            spans.add(
                    new Span(
                            Operations.replica(random.nextInt(5)),
                            from,
                            from + random.nextInt(100),
                            RandomValues.bytes(random, 32)));
        }
        Durability level = List.of(Durability.values()).get(random.nextInt(5));
        Receipt receipt =
                new Receipt(Operations.replica(9), "clinic-7", level, random.nextInt(99999), spans);
        return receipt.signed(RandomValues.bytes(random, 64));
    }
}
