package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.worker.News;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two processes of one region. */
@ExtendWith(RealServices.class)
final class FeedWatchDriverTest {
    @Test
    void what_another_process_applied_is_found_out_where_somebody_follows(EmbeddedDatabase server)
            throws Exception {
        Hub hub = new Hub();
        LinkedBlockingQueue<News> told = new LinkedBlockingQueue<>();
        try (TestRegion other = new TestRegion(server);
                FeedWatchDriver watch = FeedWatchDriver.start(other.store, hub, told::add)) {
            assertThat(watch).isNotNull();
            TestAuthor author = new TestAuthor("watched", "amina");
            Batch first = author.put("p1", "name", "Ada");
            other.step(author.record(first));
            hub.follow("watched", (String scope, FeedHead head) -> {});
            assertThat(next(told).applied()).containsExactly(Span.of(first));

            Batch second = author.put("p1", "name", "Grace");
            TestAuthor unfollowed = new TestAuthor("unwatched", "amina");
            other.step(
                    unfollowed.record(unfollowed.put("p1", "name", "Eve")), author.record(second));
            News news = next(told);
            assertThat(news.scope()).isEqualTo("watched");
            assertThat(news.head())
                    .isEqualTo(other.store.<FeedHead>read(t -> t.feedHead("watched")));
            assertThat(news.applied()).containsExactly(new Span(author.id(), 1, 2, second.hash()));
        }
    }

    private static News next(LinkedBlockingQueue<News> told) throws InterruptedException {
        News news = told.poll(30, TimeUnit.SECONDS);
        if (news == null) throw new AssertionError("nothing was told");
        return news;
    }
}
