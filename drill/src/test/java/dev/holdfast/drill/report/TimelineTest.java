package dev.holdfast.drill.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private long nowMillis = 5_000;
    private final Timeline timeline = new Timeline(() -> nowMillis * 1_000_000);

    @Test
    void time_counts_from_the_first_that_is_seen() {
        sample(0);
        nowMillis += 700;
        timeline.mark("kill -9 of edge");
        Course course = timeline.course();
        assertThat(course.samples().getFirst().atMillis()).isZero();
        assertThat(course.marks()).containsExactly(new Mark.Moment("kill -9 of edge", 700));
        assertThat(course.lengthMillis()).isEqualTo(700);
    }

    @Test
    void a_span_lasts_from_its_begin_to_its_end() {
        timeline.begin("border cut");
        nowMillis += 200;
        timeline.begin("border cut");
        nowMillis += 300;
        timeline.end("border cut");
        nowMillis += 100;
        timeline.end("border cut");
        assertThat(timeline.course().marks()).containsExactly(new Mark.Span("border cut", 0, 500));
    }

    @Test
    void what_still_lasts_lasts_to_the_end_and_comes_in_its_order() {
        timeline.begin("loss 30 %");
        nowMillis += 100;
        timeline.mark("kill -9 of edge");
        nowMillis += 900;
        sample(1);
        assertThat(timeline.course().marks())
                .containsExactly(
                        new Mark.Span("loss 30 %", 0, 1_000),
                        new Mark.Moment("kill -9 of edge", 100));
    }

    @Test
    void an_empty_timeline_has_an_empty_course() {
        assertThat(timeline.course()).isEqualTo(new Course(0, List.of(), List.of(), 0));
    }

    @Test
    void however_long_it_lasts_samples_stay_few_and_evenly_apart() {
        int all = 20 * Timeline.SAMPLES_MAX;
        for (int i = 0; i < all; i++) {
            sample(i);
            nowMillis += 500;
        }
        List<Sample> kept = timeline.course().samples();
        assertThat(kept).hasSizeBetween(Timeline.SAMPLES_MAX / 3, Timeline.SAMPLES_MAX);
        assertThat(kept.getFirst().inDatabase()).isZero();
        assertThat(kept.getLast().inDatabase()).isEqualTo(all - 1);
        List<Long> apart = new ArrayList<>();
        for (int i = 1; i < kept.size() - 1; i++)
            apart.add(kept.get(i).atMillis() - kept.get(i - 1).atMillis());
        long widest = apart.stream().mapToLong(Long::longValue).max().orElseThrow();
        long nearest = apart.stream().mapToLong(Long::longValue).min().orElseThrow();
        assertThat(widest).isLessThanOrEqualTo(4 * nearest);
    }

    @Test
    void marks_beyond_the_bound_are_counted() {
        for (int i = 0; i < Timeline.MARKS_MAX + 3; i++) timeline.mark("kill");
        Course course = timeline.course();
        assertThat(course.marks()).hasSize(Timeline.MARKS_MAX);
        assertThat(course.unmarked()).isEqualTo(3);
    }

    @Test
    void a_rate_is_what_was_added_in_each_step() {
        for (long count : new long[] {0, 10, 10, 40}) {
            sample(count);
            nowMillis += 1_000;
        }
        Course course = timeline.course();
        assertThat(course.lengthMillis()).isEqualTo(3_000);
        assertThat(course.rates(Sample::inDatabase)).containsExactly(10, 0, 30);
    }

    private void sample(long inDatabase) {
        timeline.sample(Map.of(Durability.DEVICE, inDatabase), 0, inDatabase);
    }
}
