package dev.holdfast.core.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {
    private final Patience patience = new Patience();

    @Test
    void silence_makes_patient_and_modest() {
        patience.exhausted();
        assertThat(patience.millis()).isEqualTo(10_000);
        assertThat(patience.bytes()).isEqualTo(16 << 10);
        for (int i = 0; i < 100; i++) patience.exhausted();
        assertThat(patience.millis()).isEqualTo(Patience.MOST_MILLIS);
        assertThat(patience.bytes()).isEqualTo(Patience.LEAST_BYTES);
    }

    @Test
    void quick_answers_bring_both_back() {
        for (int i = 0; i < 100; i++) patience.exhausted();
        for (int i = 0; i < 100; i++) patience.answered(50);
        assertThat(patience.millis()).isEqualTo(Patience.LEAST_MILLIS);
        assertThat(patience.bytes()).isEqualTo(Message.Pace.OPEN.windowBytes());
    }

    @Test
    void waits_for_twice_what_the_last_answer_took() {
        patience.answered(20_000);
        assertThat(patience.millis()).isEqualTo(40_000);
        patience.answered(50);
        assertThat(patience.millis()).isEqualTo(35_000);
    }

    @Test
    void sends_no_more_at_once_where_answers_are_slow() {
        patience.answered(Patience.LEAST_MILLIS);
        assertThat(patience.bytes()).isEqualTo(Patience.FIRST_BYTES);
    }

    @Test
    void bears_a_clock_that_is_set_back() {
        patience.answered(-86_400_000);
        assertThat(patience.millis()).isEqualTo(Patience.LEAST_MILLIS);
    }

    /** However thin the link: a session lives at last for as long as one batch takes. */
    @Test
    void every_link_gets_through_in_the_end() {
        for (int bytesPerSecond : new int[] {64, 500, 4_000, 1_000_000}) {
            Patience link = new Patience();
            long sent = 0;
            for (int session = 0; session < 10; session++) {
                long took = 1_000L * link.bytes() / bytesPerSecond;
                if (took > link.millis()) {
                    link.exhausted();
                    continue;
                }
                sent += link.bytes();
                link.answered(took);
            }
            assertThat(sent).isPositive();
        }
    }
}
