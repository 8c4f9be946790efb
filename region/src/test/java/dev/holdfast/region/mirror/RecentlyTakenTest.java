package dev.holdfast.region.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.region.TestAuthor;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentlyTakenTest {
    private static final ReplicaId JAKARTA = TestAuthor.key("jakarta").replica();
    private static final ReplicaId TOKYO = TestAuthor.key("tokyo").replica();

    private final TestAuthor author = new TestAuthor("recently", "amina");
    private final RecentlyTaken taken = new RecentlyTaken(3);

    @Test
    void a_batch_that_came_from_two_is_known_to_be_at_both() {
        Batch batch = author.increment("p1");
        taken.add(JAKARTA, List.of(batch));
        assertThat(taken.isFrom(TOKYO, batch)).isFalse();
        taken.add(TOKYO, List.of(batch));
        assertThat(taken.isFrom(JAKARTA, batch)).isTrue();
        assertThat(taken.isFrom(TOKYO, batch)).isTrue();
    }

    @Test
    void the_oldest_is_forgotten_first() {
        Batch first = author.increment("p1");
        Batch second = author.increment("p1");
        taken.add(JAKARTA, List.of(first, second));
        taken.add(JAKARTA, List.of(author.increment("p1"), author.increment("p1")));
        assertThat(taken.isFrom(JAKARTA, first)).isFalse();
        assertThat(taken.isFrom(JAKARTA, second)).isTrue();
    }
}
