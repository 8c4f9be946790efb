package dev.holdfast.steer.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The vectors are those of RFC 9018 appendix A. */
final class CookiesTest {
    private static final String SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";

    @Test
    void a_new_cookie_is_that_of_the_rfc() {
        assertThat(made(SECRET, "2464c4abcf10c957", "198.51.100.100", 1_559_731_985))
                .isEqualTo("010000005cf79f111f8130c3eee29480");
    }

    @Test
    void a_renewed_cookie_is_that_of_the_rfc() {
        assertThat(made(SECRET, "2464c4abcf10c957", "198.51.100.100", 1_559_734_385))
                .isEqualTo("010000005cf7a871d4a564a1442aca77");
    }

    @Test
    void a_cookie_of_an_ipv6_client_under_a_new_secret_is_that_of_the_rfc() {
        String replaced = "dd3bdf9344b678b185a6f5cb60fca715";
        String secret = "445536bcd2513298075a5d379663c962";
        String before = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
        String client = "2001:db8:220:1:59de:d0f4:8769:82b8";
        Cookies both = new Cookies(List.of(Bytes.fromHex(secret), Bytes.fromHex(replaced)));
        assertThat(valid(both, before, client, 1_559_741_961)).isTrue();
        assertThat(made(secret, "22681ab97d52c298", client, 1_559_741_961))
                .isEqualTo("010000005cf7c609a6bb79d16625507a");
    }

    @Test
    void a_cookie_holds_for_an_hour_and_for_one_address() {
        Cookies cookies = new Cookies(List.of(Bytes.fromHex(SECRET)));
        String whole = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
        int made = 1_559_731_985;
        assertThat(valid(cookies, whole, "198.51.100.100", made + 3600)).isTrue();
        assertThat(valid(cookies, whole, "198.51.100.100", made + 3601)).isFalse();
        assertThat(valid(cookies, whole, "198.51.100.100", made - 300)).isTrue();
        assertThat(valid(cookies, whole, "198.51.100.100", made - 301)).isFalse();
        assertThat(valid(cookies, whole, "198.51.100.101", made)).isFalse();
        for (int i = 0; i < 24; i++) {
            byte[] other = Bytes.fromHex(whole).toArray();
            other[i] ^= 1;
            assertThat(valid(cookies, Bytes.wrap(other).hex(), "198.51.100.100", made)).isFalse();
        }
    }

    private static boolean valid(Cookies cookies, String option, String client, int seconds) {
        byte[] bytes = Bytes.fromHex(option).toArray();
        byte[] address = InetAddress.ofLiteral(client).getAddress();
        return cookies.isValid(bytes, 0, bytes.length, address, seconds);
    }

    private static String made(String secret, String own, String client, int seconds) {
        byte[] out = new byte[20];
        new Cookies(List.of(Bytes.fromHex(secret)))
                .write(
                        Bytes.fromHex(own).toArray(),
                        0,
                        InetAddress.ofLiteral(client).getAddress(),
                        seconds,
                        out,
                        2);
        return Bytes.wrap(Arrays.copyOfRange(out, 2, 18)).hex();
    }
}
