package dev.holdfast.core.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Grant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageCodecTest {
    private static final String NO_SCOPE = "63612062"; // "a b"
    private static final Bytes NONCE = Bytes.wrap(new byte[16]);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8305" + NO_SCOPE + "8350000000000000000000000000000000000040",
                "8306" + NO_SCOPE + "80",
                "8508" + NO_SCOPE + "808080",
                "830b" + NO_SCOPE + "01",
                "830b" + "60" + "01",
                "8310" + NO_SCOPE + "80"
            })
    void a_message_about_what_is_no_scope_is_malformed(String hex) {
        assertThatThrownBy(() -> MessageCodec.decode(Bytes.fromHex(hex)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("a scope is");
    }

    @Test
    void a_reason_to_end_that_is_newer_than_this_program_is_a_failure_and_none_below_zero() {
        Message.Bye newer = (Message.Bye) MessageCodec.decode(Bytes.fromHex("830f184d60"));
        assertThat(newer.code()).isEqualTo(Message.Bye.Code.FAILED);
        assertThatThrownBy(() -> MessageCodec.decode(Bytes.fromHex("830f2060")))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_greeting_is_read_and_what_follows_it_is_not() {
        Message.Hello hello = hello();
        Bytes rest = Bytes.fromHex("ffff");
        assertThat(MessageCodec.greeting(MessageCodec.encode(hello).concat(rest)))
                .contains(new MessageCodec.Greeting(hello, rest));
    }

    @Test
    void what_is_no_greeting_is_not_read_at_all() {
        assertThat(MessageCodec.greeting(Bytes.fromHex("8508ffffffff")))
                .isEqualTo(Optional.empty());
        for (String hex : new String[] {"", "01", "86", "8602ff", "8502"})
            assertThatThrownBy(() -> MessageCodec.greeting(Bytes.fromHex(hex)))
                    .as(hex)
                    .isInstanceOf(MalformedException.class);
    }

    private static Message.Hello hello() {
        return new Message.Hello(
                Message.VERSION,
                new Peer(1, Grant.Role.DEVICE).grant,
                NONCE,
                NONCE,
                Bytes.wrap(new byte[64]));
    }

    @Test
    void the_longest_hello_is_no_longer_than_its_limit() {
        CborWriter out = new CborWriter();
        MessageCodec.write(hello(), out);
        int rest = out.size() - hello().grant().encoded().size();
        assertThat(dev.holdfast.core.Limits.GRANT_BYTES + rest + 8)
                .isLessThanOrEqualTo(dev.holdfast.core.Limits.HELLO_BYTES);
    }
}
