package dev.holdfast.node.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborWriter;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnfoldingTest {
    private static final int ITEMS = 100_000;

    @Test
    void what_is_one_long_text_counts_little_and_what_is_many_items_counts_much() {
        Bytes text = new CborWriter().text("x".repeat(ITEMS)).toBytes();
        assertThat(Unfolding.kib(text)).isLessThan(200);
        assertThat(Unfolding.kib(many())).isGreaterThan(6_000);
    }

    @Test
    void the_body_of_a_batch_is_looked_into_whatever_stands_before_it() {
        Bytes body = Bytes.fromHex("87").concat(many());
        assertThat(Unfolding.kib(new CborWriter().bytes(body).toBytes())).isGreaterThan(6_000);
        // Something that looks like a body and promises to go on to the end of all.
        CborWriter behind = new CborWriter().bytes(Bytes.fromHex("875affffff")).bytes(body);
        assertThat(Unfolding.kib(behind.toBytes())).isGreaterThan(6_000);
    }

    @Test
    void anything_at_all_can_be_weighed() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            assertThat(Unfolding.kib(Bytes.wrap(bytes))).isBetween(0, 8);
        }
    }

    private static Bytes many() {
        CborWriter out = new CborWriter().array(ITEMS);
        for (int i = 0; i < ITEMS; i++) out.map(0);
        return out.toBytes();
    }
}
