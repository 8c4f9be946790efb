package dev.holdfast.core.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.codec.CborWriter;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IntervalsTest {
    private static final int MEMBERS = 30;

    /** Intervals beside a plain set of the same numbers. */
    private record Pair(Intervals intervals, TreeSet<Long> set) {
        static Pair random(Random random) {
            Intervals intervals = Intervals.NONE;
            TreeSet<Long> set = new TreeSet<>();
            for (int i = random.nextInt(7); i > 0; i--) {
                long from = 1L + random.nextInt(MEMBERS);
                long to = from + random.nextInt(4);
                intervals = intervals.with(from, to);
                for (long seq = from; seq <= to; seq++) set.add(seq);
            }
            return new Pair(intervals, set);
        }

        void holds() {
            TreeSet<Long> members = new TreeSet<>();
            for (int i = 0; i < intervals.count(); i++) {
                if (i > 0) assertThat(intervals.from(i)).isGreaterThan(intervals.to(i - 1) + 1);
                for (long seq = intervals.from(i); seq <= intervals.to(i); seq++) members.add(seq);
            }
            assertThat(members).isEqualTo(set);
        }
    }

    @Test
    void they_are_a_set() {
        Seeds.each(
                3000,
                random -> {
                    Pair pair = Pair.random(random);
                    pair.holds();
                    assertThat(pair.intervals.isEmpty()).isEqualTo(pair.set.isEmpty());
                    assertThat(pair.intervals.max())
                            .isEqualTo(pair.set.isEmpty() ? 0 : pair.set.last());
                    for (long from = 1; from <= MEMBERS + 5; from++) {
                        long to = from + random.nextInt(5);
                        TreeSet<Long> part = new TreeSet<>(pair.set.subSet(from, true, to, true));
                        assertThat(pair.intervals.contains(from))
                                .isEqualTo(pair.set.contains(from));
                        assertThat(pair.intervals.contains(from, to))
                                .isEqualTo(part.size() == to - from + 1);
                        assertThat(pair.intervals.overlaps(from, to)).isEqualTo(!part.isEmpty());
                    }
                });
    }

    @Test
    void union_and_difference_are_those_of_sets() {
        Seeds.each(
                3000,
                random -> {
                    Pair a = Pair.random(random);
                    Pair b = Pair.random(random);
                    TreeSet<Long> union = new TreeSet<>(a.set);
                    union.addAll(b.set);
                    TreeSet<Long> difference = new TreeSet<>(a.set);
                    difference.removeAll(b.set);
                    new Pair(a.intervals.union(b.intervals), union).holds();
                    new Pair(a.intervals.minus(b.intervals), difference).holds();
                    assertThat(a.intervals.union(b.intervals))
                            .isEqualTo(b.intervals.union(a.intervals));
                });
    }

    /** Each was put in from the left: what a stranger may say in one message took a second. */
    @Test
    void tens_of_thousands_join_and_part() {
        int count = 10_000;
        Intervals odd = every(4, 1, count);
        Intervals other = every(4, 3, count);
        Intervals both = odd.union(other);
        assertThat(both).isEqualTo(every(2, 1, 2 * count));
        assertThat(both.minus(other)).isEqualTo(odd);
        assertThat(both.union(every(2, 2, 2 * count))).isEqualTo(Intervals.of(1, 4L * count));
        assertThat(Intervals.of(1, 4L * count).minus(both)).isEqualTo(every(2, 2, 2 * count));
    }

    private static Intervals every(int step, int first, int count) {
        CborWriter out = new CborWriter().array(2 * count);
        for (int i = 0; i < count; i++) out.integer(i == 0 ? first : step).integer(0);
        return Intervals.decode(out.toBytes());
    }

    @Test
    void equal_sets_have_equal_bytes_and_come_back() {
        Seeds.each(
                3000,
                random -> {
                    Pair a = Pair.random(random);
                    Pair b = Pair.random(random);
                    assertThat(Intervals.decode(a.intervals.encoded())).isEqualTo(a.intervals);
                    assertThat(a.intervals.encoded().equals(b.intervals.encoded()))
                            .isEqualTo(a.set.equals(b.set));
                });
    }

    @Test
    void whatever_is_read_would_be_written_just_so() {
        Seeds.each(
                20_000,
                random -> {
                    byte[] bytes = RandomValues.bytes(random, 1 + random.nextInt(8)).toArray();
                    bytes[0] = (byte) (0x80 | random.nextInt(8));
                    for (int i = 1; i < bytes.length; i++) bytes[i] &= 0x1f;
                    Intervals intervals;
                    try {
                        intervals = Intervals.decode(Bytes.wrap(bytes));
                    } catch (MalformedException e) {
                        return;
                    }
                    assertThat(intervals.encoded()).isEqualTo(Bytes.wrap(bytes));
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8101",
                "820000",
                "8400000100",
                "8401000100",
                "820120",
                "840102011b0020000000000000"
            })
    void intervals_that_are_none_or_touch_are_refused(String hex) {
        assertThatThrownBy(() -> Intervals.decode(Bytes.fromHex(hex)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void they_end_where_sequence_numbers_end() {
        // 1, then a step as great as is taken at once: beyond the greatest sequence number.
        assertThatThrownBy(() -> Intervals.decode(Bytes.fromHex("82011b001fffffffffffff")))
                .isInstanceOf(MalformedException.class);
        Intervals all = Intervals.of(1, Limits.MAX_SEQ);
        assertThat(Intervals.decode(all.encoded())).isEqualTo(all);
        assertThat(all.with(5, 7)).isEqualTo(all);
    }
}
