package dev.holdfast.node.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.node.sync.Mailbox.Mail;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private final Mailbox mailbox = new Mailbox();
    private final Hub hub = new Hub();

    private Mail next() throws InterruptedException {
        return mailbox.next(true, Duration.ZERO);
    }

    private static FeedHead head(long number) {
        return new FeedHead(number, Bytes.EMPTY);
    }

    private static Message.Watermark watermark(long about, long to) {
        ReplicaId replica = new ReplicaId(about, 0);
        Span span = new Span(replica, 1, to, Bytes.wrap(new byte[32]));
        Receipt receipt =
                new Receipt(
                        new ReplicaId(9, 9),
                        "clinic-7",
                        Durability.APPLIED,
                        1,
                        java.util.List.of(span));
        return new Message.Watermark(null, receipt.signed(Bytes.wrap(new byte[64])));
    }

    @Test
    void of_a_feed_only_the_newest_head_waits() throws Exception {
        hub.follow("clinic-7", mailbox);
        for (int i = 1; i <= 1_000_000; i++) hub.grew("clinic-7", head(i));
        hub.grew("clinic-8", head(1));
        assertThat(next())
                .isEqualTo(new Mail.News(new Session.Event.Grew("clinic-7", head(1_000_000))));
        assertThat(next()).isEqualTo(new Mail.Nothing());
        hub.leave("clinic-7", mailbox);
        hub.grew("clinic-7", head(1_000_001));
        assertThat(next()).isEqualTo(new Mail.Nothing());
    }

    @Test
    void of_a_regions_word_about_a_replica_only_the_newest_waits() throws Exception {
        mailbox.marked(watermark(1, 5));
        mailbox.marked(watermark(2, 5));
        mailbox.marked(watermark(1, 9));
        assertThat(next()).isEqualTo(new Mail.News(new Session.Event.Marked(watermark(1, 9))));
        assertThat(next()).isEqualTo(new Mail.News(new Session.Event.Marked(watermark(2, 5))));
        assertThat(next()).isEqualTo(new Mail.Nothing());
    }

    @Test
    void more_news_than_is_borne_ends_the_session() throws Exception {
        for (int i = 0; i <= Mailbox.MAX_NEWS; i++) mailbox.marked(watermark(i, 1));
        assertThat(next()).isInstanceOf(Mail.Dismissed.class);
        mailbox.shut();
        assertThat(next()).isEqualTo(new Mail.Nothing());
    }

    @Test
    void answers_come_first_and_the_socket_only_where_it_is_of_interest() throws Exception {
        mailbox.arrived();
        mailbox.grew("clinic-7", head(1));
        mailbox.put(new Mail.Answered(new Session.Event.Signed(1, Bytes.EMPTY)));
        assertThat(next()).isInstanceOf(Mail.Answered.class);
        assertThat(next()).isInstanceOf(Mail.News.class);
        assertThat(mailbox.next(false, Duration.ZERO)).isEqualTo(new Mail.Nothing());
        assertThat(next()).isEqualTo(new Mail.Arrived());
        assertThat(next()).isEqualTo(new Mail.Nothing());
    }
}
