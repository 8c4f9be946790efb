package dev.holdfast.core.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ContextTest {
    private record Pair(Context context, Set<Dot> dots) {
        static Pair random(Random random) {
            Pair pair = new Pair(new Context(), new HashSet<>());
            for (int i = random.nextInt(8); i > 0; i--) {
                // Few first bytes, the extreme ones among them, so that ranges are shared.
                long prefix = new long[] {0, 1, 0x7f, 0x80, 0xff}[random.nextInt(5)] << 56;
                ReplicaId replica = new ReplicaId(prefix, random.nextInt(2));
                long from = 1L + random.nextInt(9);
                long to = from + random.nextInt(3);
                pair.context.add(replica, from, to);
                for (long seq = from; seq <= to; seq++) pair.dots.add(new Dot(replica, seq));
            }
            return pair;
        }
    }

    @Test
    void equal_sets_of_dots_have_equal_bytes_and_digests() {
        Seeds.each(
                2000,
                random -> {
                    Pair a = Pair.random(random);
                    Pair b =
                            random.nextInt(3) == 0
                                    ? new Pair(new Context(a.context), a.dots)
                                    : Pair.random(random);
                    boolean equal = a.dots.equals(b.dots);
                    assertThat(a.context.equals(b.context)).isEqualTo(equal);
                    assertThat(a.context.encoded().equals(b.context.encoded())).isEqualTo(equal);
                    assertThat(a.context.digest().equals(b.context.digest())).isEqualTo(equal);
                    assertThat(read(a.context.encoded())).isEqualTo(a.context);
                });
    }

    @Test
    void ranges_split_the_context_and_differ_just_where_it_differs() {
        Seeds.each(
                500,
                random -> {
                    Pair a = Pair.random(random);
                    Pair b = Pair.random(random);
                    Context joined = new Context();
                    for (int range = 0; range < Context.RANGES; range++) {
                        joined.addAll(a.context.range(range));
                        assertThat(
                                        a.context
                                                .rangeDigest(range)
                                                .equals(b.context.rangeDigest(range)))
                                .isEqualTo(a.context.range(range).equals(b.context.range(range)));
                        assertThat(a.context.rangeDigest(range).size())
                                .isEqualTo(a.context.range(range).isEmpty() ? 0 : 16);
                    }
                    assertThat(joined).isEqualTo(a.context);
                });
    }

    @Test
    void a_union_has_the_dots_of_both() {
        Seeds.each(
                1000,
                random -> {
                    Pair a = Pair.random(random);
                    Pair b = Pair.random(random);
                    Context union = new Context(a.context);
                    union.addAll(b.context);
                    for (Dot dot : a.dots) assertThat(union.contains(dot)).isTrue();
                    for (Dot dot : b.dots) assertThat(union.contains(dot)).isTrue();
                    a.dots.addAll(b.dots);
                    Context expected = new Context();
                    a.dots.forEach(dot -> expected.add(dot.replica(), dot.seq(), dot.seq()));
                    assertThat(union).isEqualTo(expected);
                });
    }

    @Test
    void a_copy_is_its_own() {
        Context context = new Context();
        Context copy = new Context(context);
        copy.add(new ReplicaId(1, 1), 1, 1);
        assertThat(context.isEmpty()).isTrue();
    }

    @Test
    void replicas_out_of_order_or_with_nothing_seen_are_refused() {
        String one = "82" + "50" + "00".repeat(15) + "01" + "820100";
        String two = "82" + "50" + "00".repeat(15) + "02" + "820100";
        assertThat(read(Bytes.fromHex("82" + one + two)).replicas()).hasSize(2);
        for (String hex : new String[] {"82" + two + one, "82" + one + one}) {
            assertThatThrownBy(() -> read(Bytes.fromHex(hex)))
                    .isInstanceOf(MalformedException.class);
        }
        String none = "82" + "50" + "00".repeat(15) + "01" + "80";
        assertThatThrownBy(() -> read(Bytes.fromHex("81" + none)))
                .isInstanceOf(MalformedException.class);
    }

    private static Context read(Bytes encoded) {
        CborReader in = new CborReader(encoded);
        Context context = Context.read(in);
        in.finish();
        return context;
    }
}
