package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestTargetTest {
    @Test
    void whatever_is_encoded_comes_back() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<String> segments = new ArrayList<>();
            StringBuilder path = new StringBuilder();
            for (int i = 0; i <= random.nextInt(6); i++) {
                String segment = "x" + text(random);
                segments.add(segment);
                path.append('/').append(encoded(segment));
            }
            assertThat(RequestTarget.parse(path.toString()).segments())
                    .as("seed " + seed)
                    .isEqualTo(segments);
        }
    }

    @Test
    void whatever_is_sent_is_read_safely_or_refused() {
        String alphabet = "/.%2eEfF50\\?&=+#;:@ab\u00e9\u0000\n cCaAfF";
        int read = 0;
        for (int seed = 0; seed < 50_000; seed++) {
            Random random = new Random(seed);
            StringBuilder target = new StringBuilder("/");
            for (int i = 0; i < random.nextInt(12); i++)
                target.append(alphabet.charAt(random.nextInt(alphabet.length())));
            try {
                RequestTarget parsed = RequestTarget.parse(target.toString());
                read++;
                for (String segment : parsed.segments()) {
                    assertThat(segment)
                            .as("seed " + seed)
                            .isNotEmpty()
                            .isNotEqualTo(".")
                            .isNotEqualTo("..");
                    assertThat(segment.chars())
                            .as("seed " + seed)
                            .noneMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c));
                }
            } catch (ProblemException e) {
                assertThat(e.problem().status()).isEqualTo(400);
            }
        }
        assertThat(read).isGreaterThan(1000);
    }

    @Test
    void a_query_is_read_by_name() {
        RequestTarget target = RequestTarget.parse("/a?b=1&b=2&c=x+y%2B&d&=e&&f=g=h");
        assertThat(target.segments()).containsExactly("a");
        assertThat(target.query())
                .containsEntry("b", List.of("1", "2"))
                .containsEntry("c", List.of("x y+"))
                .containsEntry("d", List.of(""))
                .containsEntry("f", List.of("g=h"));
        assertThatThrownBy(() -> RequestTarget.parse("/a?b=%"))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void words_win_over_names_and_names_are_tried_after() {
        Router router =
                new Router()
                        .route("GET", "/a/{x}/c", request -> Response.empty(200))
                        .route("GET", "/a/b/{y}", request -> Response.empty(200))
                        .route("PUT", "/a/b/c", request -> Response.empty(200));
        assertThat(match(router, "PUT", "a", "b", "c")).isEqualTo("/a/b/c");
        assertThat(match(router, "GET", "a", "q", "c")).isEqualTo("/a/{x}/c");
        assertThat(match(router, "GET", "a", "b", "z")).isEqualTo("/a/b/{y}");
        assertThat(router.match("GET", List.of("a", "b", "c"), false))
                .isEqualTo(new Router.Match.WrongMethod("OPTIONS, PUT"));
        assertThat(router.match("GET", List.of("a", "b"), false))
                .isEqualTo(new Router.Match.Unknown());
        assertThatThrownBy(
                        () -> router.route("GET", "/a/{other}/c", request -> Response.empty(200)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String match(Router router, String method, String... segments) {
        return router.match(method, List.of(segments), false) instanceof Router.Match.Found found
                ? found.route().template()
                : "none";
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < random.nextInt(8); i++) {
            int point =
                    random.nextInt(4) == 0
                            ? 0x20 + random.nextInt(0x2000)
                            : 0x20 + random.nextInt(0x5f);
            if (point == '/' || point == '\\' || Character.isISOControl(point)) continue;
            text.appendCodePoint(random.nextInt(20) == 0 ? 0x1f30d : point);
        }
        return text.toString();
    }

    private static String encoded(String segment) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == ';';
            encoded.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return encoded.toString();
    }
}
