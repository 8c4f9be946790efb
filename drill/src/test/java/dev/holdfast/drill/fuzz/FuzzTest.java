package dev.holdfast.drill.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.sync.MessageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FuzzTest {
    private static final long SEED = 20_261_129;

    static Stream<Target> pureTargets() {
        List<Target> all = new ArrayList<>(CodecTarget.all());
        all.add(new SessionTarget());
        assertThat(all).allMatch(Target::isPure);
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("pureTargets")
    void nothing_is_found_in_some_cases_of_which_some_are_refused_and_some_taken(Target target)
            throws Exception {
        int cases = target instanceof SessionTarget ? 40 : 200;
        int refused = 0;
        int taken = 0;
        for (long number = 0; number < cases; number++) {
            Target.Outcome outcome = target.run(SEED, number);
            assertThat(outcome)
                    .as("--seed %d --target %s --case %d", SEED, target.name(), number)
                    .isNotInstanceOf(Target.Outcome.Found.class);
            if (outcome instanceof Target.Outcome.Refused) refused++;
            else taken++;
        }
        assertThat(refused).isPositive();
        assertThat(taken).isPositive();
    }

    @ParameterizedTest
    @MethodSource("pureTargets")
    void a_case_comes_out_the_same_each_time(Target target) throws Exception {
        for (long number = 0; number < 20; number++)
            assertThat(target.run(SEED, number)).isEqualTo(target.run(SEED, number));
    }

    @Test
    void a_decoder_that_throws_something_else_is_found_and_its_input_shortened() {
        Target.Outcome found =
                find(in -> {
                    if (in.hex().contains("f6")) throw new ArithmeticException("of all things");
                    return CborWriter.encode(CborReader.decode(in));
                });
        assertThat(found)
                .isInstanceOfSatisfying(
                        Target.Outcome.Found.class,
                        what -> {
                            assertThat(what.what()).contains("ArithmeticException");
                            assertThat(what.input().hex()).isIn("f6", "0f60");
                        });
    }

    @Test
    void a_decoder_that_takes_two_forms_of_one_thing_is_found() {
        assertThat(find(in -> CborWriter.encode(CborReader.decode(in)).concat(Bytes.fromHex("00"))))
                .isInstanceOfSatisfying(
                        Target.Outcome.Found.class,
                        what -> assertThat(what.what()).contains("not in its one form"));
    }

    @Test
    void a_decoder_that_believes_a_length_is_found() {
        assertThat(
                        find(in -> {
                            byte[] believed = new byte[64 << 20];
                            throw new MalformedException("of " + believed.length);
                        }))
                .isInstanceOfSatisfying(
                        Target.Outcome.Found.class,
                        what -> assertThat(what.what()).contains("bytes were allocated"));
    }

    @Test
    void a_decoder_that_refuses_what_is_valid_is_found() {
        assertThat(
                        find(in -> {
                            throw new MalformedException("on principle");
                        }))
                .isInstanceOfSatisfying(
                        Target.Outcome.Found.class,
                        what -> assertThat(what.what()).contains("what is valid was refused"));
    }

    private static Target.Outcome find(java.util.function.Function<Bytes, Bytes> broken) {
        CodecTarget target =
                new CodecTarget(
                        "broken",
                        samples -> CborWriter.encode(samples.value(2)),
                        (base, other, dice) -> new Mutator(dice).bytes(base, other),
                        broken,
                        true,
                        taken -> "");
        for (long number = 0; number < 200; number++) {
            if (target.run(SEED, number) instanceof Target.Outcome.Found found) return found;
        }
        throw new AssertionError("nothing was found");
    }

    /** Else it would prove nothing: it must be refused for its signatures alone. */
    @Test
    void the_dearest_push_is_in_form() {
        Samples samples = new Samples(new Random(1));
        Bytes bomb = samples.bomb(samples.replica(), samples.grant().encoded());
        assertThat(MessageCodec.encode(MessageCodec.decode(bomb))).isEqualTo(bomb);
    }

    @Test
    void a_tree_that_is_left_alone_is_written_as_it_was_read() {
        for (long number = 0; number < 200; number++) {
            Samples samples = new Samples(new Random(number));
            Bytes encoded = samples.batch().encoded();
            CborTree tree = CborTree.of(encoded);
            assertThat(tree).isNotNull();
            if (tree != null) assertThat(tree.encoded()).isEqualTo(encoded);
        }
    }
}
