package dev.holdfast.region.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.region.TestAuthor;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CopiesTest {
    private static final ReplicaId JAKARTA = TestAuthor.key("jakarta").replica();
    private static final ReplicaId TOKYO = TestAuthor.key("tokyo").replica();

    private final MemoryTransactor region = new MemoryTransactor(MemoryStore.durable());
    private final TestAuthor author = new TestAuthor("copies", "amina");
    private final TestAuthor clone = author.cloned();

    @Test
    void with_two_wanted_what_one_other_region_applied_is_global() {
        Batch first = applied(author.increment("p1"));
        Batch second = applied(author.increment("p1"));
        assertThat(global(2)).isEmpty();
        says(JAKARTA, Span.of(first));
        assertThat(global(2)).containsExactly(Span.of(first));
        says(JAKARTA, upTo(second));
        assertThat(global(2)).containsExactly(upTo(second));
    }

    @Test
    void with_three_wanted_it_takes_two_others() {
        Batch first = applied(author.increment("p1"));
        Batch second = applied(author.increment("p1"));
        says(JAKARTA, upTo(second));
        assertThat(global(3)).isEmpty();
        says(TOKYO, Span.of(first));
        assertThat(global(3)).containsExactly(Span.of(first));
        assertThat(global(4)).isEmpty();
        assertThat(global(2)).containsExactly(upTo(second));
    }

    @Test
    void what_is_in_none_of_two_others_together_is_not_global() {
        Batch first = applied(author.increment("p1"));
        Batch second = applied(author.increment("p1"));
        says(JAKARTA, Span.of(first));
        says(TOKYO, Span.of(second));
        assertThat(global(3)).isEmpty();
        assertThat(global(2)).containsExactly(upTo(second));
    }

    @Test
    void the_other_branch_of_a_copied_key_does_not_count() {
        applied(author.increment("p1"));
        clone.increment("p1");
        says(JAKARTA, upTo(clone.increment("p2")));
        applied(author.increment("p1"));
        assertThat(global(2)).isEmpty();
        assertThat(known()).isEmpty();
    }

    @Test
    void what_this_region_has_not_yet_does_not_count_until_it_has() {
        Batch first = applied(author.increment("p1"));
        Batch second = author.increment("p1");
        says(JAKARTA, upTo(second));
        assertThat(global(2)).isEmpty();
        applied(second);
        assertThat(global(2)).containsExactly(upTo(second));
        assertThat(known()).containsExactly(upTo(second));
        assertThat(first.last()).isEqualTo(1);
    }

    @Test
    void where_there_is_no_other_region_nothing_is_global() {
        says(JAKARTA, Span.of(applied(author.increment("p1"))));
        assertThat(Copies.NONE.isMirrored()).isFalse();
        assertThat(global(1)).isEmpty();
    }

    private Batch applied(Batch batch) {
        region.write(t -> new Applier(t).apply(batch));
        return batch;
    }

    private void says(ReplicaId other, Span... spans) {
        region.write(t -> {
            t.putElsewhere(author.scope, author.id(), other, List.of(spans));
            return true;
        });
    }

    private Span upTo(Batch batch) {
        return new Span(author.id(), 1, batch.last(), batch.hash());
    }

    private List<Span> global(int wanted) {
        return region.read(t -> new Copies(wanted).global(t, author.scope, Set.of(author.id())));
    }

    /** What Jakarta need not be sent. */
    private List<Span> known() {
        return region.read(t ->
                Opening.spans(
                        t,
                        author.scope,
                        new Copies(2).of(t, author.scope, JAKARTA, Set.of(author.id()))));
    }
}
