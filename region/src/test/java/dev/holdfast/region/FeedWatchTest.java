package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.worker.News;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two processes of one region. */
@ExtendWith(RealServices.class)
final class FeedWatchTest {
    @Test
    void what_another_process_applied_is_found_out_where_somebody_follows(EmbeddedDatabase server)
            throws Exception {
        Hub hub = new Hub();
        Queue<News> told = new ArrayDeque<>();
        try (TestRegion other = new TestRegion(server)) {
            FeedWatch watch = new FeedWatch(other.store, hub, told::add);
            TestAuthor author = new TestAuthor("watched", "amina");
            Batch first = author.put("p1", "name", "Ada");
            other.step(author.record(first));
            hub.follow("watched", (String scope, FeedHead head) -> {});
            watch.look();
            assertThat(told.remove().applied()).containsExactly(Span.of(first));
            watch.look();
            assertThat(told).as("nothing is told twice").isEmpty();

            Batch second = author.put("p1", "name", "Grace");
            TestAuthor unfollowed = new TestAuthor("unwatched", "amina");
            other.step(
                    unfollowed.record(unfollowed.put("p1", "name", "Eve")), author.record(second));
            watch.look();
            News news = told.remove();
            assertThat(told).isEmpty();
            assertThat(news.scope()).isEqualTo("watched");
            assertThat(news.head())
                    .isEqualTo(other.store.<FeedHead>read(t -> t.feedHead("watched")));
            assertThat(news.applied()).containsExactly(new Span(author.id(), 1, 2, second.hash()));
        }
    }
}
