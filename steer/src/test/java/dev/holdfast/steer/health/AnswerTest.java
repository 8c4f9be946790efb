package dev.holdfast.steer.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AnswerTest {
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    @Test
    void an_answer_with_a_length_is_read_to_its_end_and_no_further() throws IOException {
        assertThat(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500"))
                .isEqualTo(new Answer(200, "ok"));
    }

    @Test
    void chunks_are_put_together() throws IOException {
        assertThat(read(CHUNKED + "3;x=y\r\nhea\r\n5\r\nlthy.\r\n0\r\n\r\n"))
                .isEqualTo(new Answer(200, "healthy."));
    }

    @Test
    void without_a_length_the_body_goes_to_the_end_of_the_connection() throws IOException {
        assertThat(read("HTTP/1.0 404 Not Found\n\ngone")).isEqualTo(new Answer(404, "gone"));
    }

    @Test
    void an_interim_answer_is_passed_over() throws IOException {
        assertThat(read("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 None\r\n\r\n"))
                .isEqualTo(new Answer(204, ""));
    }

    @Test
    void no_more_than_64_kib_of_a_body_are_taken() throws IOException {
        String long1 = "x".repeat(Answer.MOST_BODY + 10);
        assertThat(read("HTTP/1.1 200 OK\r\n\r\n" + long1).body()).hasSize(Answer.MOST_BODY);
        String size = Integer.toHexString(long1.length());
        assertThat(
                        read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        + size
                                        + "\r\n"
                                        + long1
                                        + "\r\n0\r\n\r\n")
                                .body())
                .hasSize(Answer.MOST_BODY);
    }

    @Test
    void what_breaks_off_is_a_failure() {
        assertThatThrownBy(() -> read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("HTTP/1.1 200")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("SSH-2.0-OpenSSH_9\r\n")).hasMessage("no answer in HTTP/1");
    }

    @Test
    void headers_that_do_not_end_are_given_up_on() {
        assertThatThrownBy(() -> read("HTTP/1.1 200 OK\r\n" + "a: b\r\n".repeat(10_000)))
                .hasMessage("its headers do not end");
    }

    @Test
    void whatever_comes_is_an_answer_or_a_failure() {
        String good = CHUNKED + "3\r\nabc\r\n0\r\n\r\n";
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            StringBuilder bad = new StringBuilder(good);
            for (int i = 0; i < 3; i++)
                bad.setCharAt(random.nextInt(bad.length()), (char) random.nextInt(128));
            try {
                read(bad.toString());
            } catch (IOException expected) {
                // As good as an answer.
            }
        }
    }

    private static Answer read(String text) throws IOException {
        return Answer.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), true);
    }
}
