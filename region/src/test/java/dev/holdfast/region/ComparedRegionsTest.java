package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.BrokerProcess;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two regions are compared after rows of one were changed behind its back. Each test has a scope of
 * its own, of which it compares no other.
 */
@ExtendWith(RealServices.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ComparedRegionsTest {
    /** All that a region has of a scope but for its feed's order. */
    private static final String STATE =
            """
            SELECT (SELECT string_agg(concat(collection, '/', id, '=', state, fields), E'\\n'
                        ORDER BY collection, id) FROM document WHERE scope = ?)
                || (SELECT string_agg(concat(replica, ':', intervals), E'\\n' ORDER BY replica)
                        FROM context WHERE scope = ?)
                || (SELECT string_agg(concat(replica, first, last, hash, bytes), E'\\n'
                        ORDER BY replica, first) FROM batch WHERE scope = ?)\
            """;

    private static final String FEED =
            """
            SELECT string_agg(concat(number, running, replica, first, last, hash, previous, bytes),
                E'\\n' ORDER BY number) FROM batch WHERE scope = ?\
            """;

    @TempDir static Path folder;

    private @Nullable TwoRegions started;

    @BeforeAll
    void two_regions(BrokerProcess process, EmbeddedDatabase server) throws Exception {
        started = new TwoRegions("compared", folder, process.address(), server.address());
    }

    @AfterAll
    void stop() {
        if (started != null) started.close();
    }

    private TwoRegions regions() {
        return Objects.requireNonNull(started);
    }

    @Test
    void regions_with_the_same_are_equal_from_either_side() throws Exception {
        filled("same", 12);
        for (String region : TwoRegions.PROCESSES) {
            Verdict verdict = verify(region, "same", "");
            assertThat(verdict.lines).as(region).hasSizeLessThanOrEqualTo(2);
            assertThat(verdict.isEqual()).as(region).isTrue();
            assertThat(verdict.result("scopes")).isEqualTo(Value.of(1));
            assertThat(verdict.result("readable")).isEqualTo(Value.of(true));
        }
    }

    @Test
    void what_has_not_arrived_is_counted_and_sending_it_mends_that() throws Exception {
        TestAuthor author = filled("behind", 5);
        command("left", "pause");
        try {
            RegionFolders.await(() -> reported("left", "state").equals(Value.of("paused")));
            regions().push("right", author, regions().increments(author, 7));
            Verdict behind = verify("left", "behind", "&wait-millis=300");
            assertThat(behind.isEqual()).isFalse();
            assertThat(behind.only("lacking"))
                    .containsEntry("at", Value.of("here"))
                    .containsEntry("author", Value.of(author.id().toString()))
                    .containsEntry("numbers", Value.of("6-12"))
                    .containsEntry("operations", Value.of(7));
            assertThat(behind.of("behind")).hasSize(5);
            assertThat(behind.of("behind").getFirst().fields()).containsKey("lacking-here");
            assertThat(behind.of("corrupt")).isEmpty();
            assertThat(verify("right", "behind", "&wait-millis=0").only("lacking"))
                    .containsEntry("at", Value.of("peer"));
            assertThat(regions().operations("left", "behind")).isEqualTo(5);

            Verdict sent = verify("left", "behind", "&wait-millis=300&repair=true");
            assertThat(sent.event("sent"))
                    .containsEntry("to", Value.of("here"))
                    .containsEntry("batches", Value.of(7));
            regions().awaitOperations("left", "behind", 12);
            assertThat(verify("left", "behind", "").isEqual()).isTrue();
        } finally {
            command("left", "resume");
        }
    }

    @Test
    void what_is_on_its_way_is_waited_for() throws Exception {
        TestAuthor author = filled("on-its-way", 3);
        command("left", "pause");
        RegionFolders.await(() -> reported("left", "state").equals(Value.of("paused")));
        regions().push("right", author, regions().increments(author, 4));
        List<Value.Map> lines = new ArrayList<>();
        try (Stream<String> coming =
                regions().lines("left", path("left", "?scope=on-its-way&wait-millis=60000"))) {
            for (String line : (Iterable<String>) coming::iterator) {
                Value.Map event = (Value.Map) Json.parse(line);
                lines.add(event);
                if (Value.of("waiting").equals(event.fields().get("event")))
                    command("left", "resume");
            }
        } finally {
            command("left", "resume");
        }
        Verdict verdict = new Verdict(lines);
        assertThat(verdict.event("waiting")).containsEntry("here", Value.of(4));
        assertThat(verdict.isEqual()).as(lines.toString()).isTrue();
    }

    @Test
    void a_document_that_is_missing_is_found_and_made_anew_by_its_own_region() throws Exception {
        filled("missing-document", 12);
        String before = state("right", "missing-document");
        int gone =
                regions()
                        .alter(
                                "right",
                                "DELETE FROM document WHERE scope = ? AND id = ?",
                                "missing-document",
                                "p3");
        assertThat(gone).isEqualTo(1);
        Verdict found = verify("left", "missing-document", "");
        assertThat(found.findings()).hasSize(1);
        assertThat(found.only("corrupt"))
                .containsEntry("collection", Value.of("patients"))
                .containsEntry("id", Value.of("p3"))
                .containsEntry("wrong-at", Value.of("peer"));
        // Nobody writes another region's rows, and reading changed nothing.
        assertThat(verify("left", "missing-document", "&repair=true&wait-millis=0").isEqual())
                .isFalse();
        Verdict own = verify("right", "missing-document", "&repair=true");
        assertThat(own.isEqual()).isTrue();
        assertThat(own.event("mended")).containsEntry("documents", Value.of(1));
        assertThat(state("right", "missing-document")).isEqualTo(before);
    }

    @Test
    void values_that_were_altered_are_found_and_mended_also_where_only_readers_see_them()
            throws Exception {
        filled("altered", 12);
        String before = state("left", "altered");
        regions()
                .alter(
                        "left",
                        "UPDATE document SET state = (SELECT state FROM document WHERE scope = ?"
                                + " AND id = 'p2') WHERE scope = ? AND id = 'p1'",
                        "altered",
                        "altered");
        regions()
                .alter(
                        "left",
                        "UPDATE document SET fields = '{\"visits\": 99}' WHERE scope = ?"
                                + " AND id = 'p4'",
                        "altered");
        regions()
                .alter(
                        "left",
                        "UPDATE document SET state = '\\xdeadbeef' WHERE scope = ? AND id = 'p0'",
                        "altered");
        Verdict found = verify("left", "altered", "");
        assertThat(found.findings()).hasSize(3);
        assertThat(found.of("corrupt"))
                .allSatisfy(
                        one -> assertThat(one.fields()).containsEntry("wrong-at", Value.of("here")))
                .extracting(one -> one.fields().get("id"))
                .containsExactlyInAnyOrder(Value.of("p0"), Value.of("p1"), Value.of("p4"));
        Verdict mended = verify("left", "altered", "&repair=true");
        assertThat(mended.event("mended")).containsEntry("documents", Value.of(3));
        assertThat(mended.isEqual()).isTrue();
        assertThat(state("left", "altered")).isEqualTo(before);
    }

    @Test
    void batches_that_are_missing_get_their_places_again() throws Exception {
        TestAuthor author = filled("missing-batch", 9);
        String before = regions().ask("left", FEED, "missing-batch");
        for (long last : List.of(4, 5, 9))
            assertThat(
                            regions()
                                    .alter(
                                            "left",
                                            "DELETE FROM batch WHERE scope = ? AND last = ?",
                                            "missing-batch",
                                            last))
                    .isEqualTo(1);
        Verdict found = verify("left", "missing-batch", "");
        assertThat(found.findings()).hasSize(1);
        assertThat(found.only("unkept"))
                .containsEntry("at", Value.of("here"))
                .containsEntry("author", Value.of(author.id().toString()))
                .containsEntry("numbers", Value.of("4-5,9"));
        Verdict mended = verify("left", "missing-batch", "&repair=true");
        assertThat(mended.event("mended")).containsEntry("batches", Value.of(3));
        assertThat(mended.isEqual()).isTrue();
        assertThat(regions().ask("left", FEED, "missing-batch")).isEqualTo(before);
    }

    @Test
    void a_long_chain_is_compared_range_by_range() throws Exception {
        // More than one range holds.
        TestAuthor author = filled("long", 1_050);
        regions().alter("left", "DELETE FROM batch WHERE scope = 'long' AND last IN (70, 1010)");
        Verdict found = verify("left", "long", "");
        assertThat(found.findings()).hasSize(1);
        assertThat(found.only("unkept"))
                .containsEntry("author", Value.of(author.id().toString()))
                .containsEntry("numbers", Value.of("70,1010"));
        Verdict mended = verify("left", "long", "&repair=true");
        assertThat(mended.event("mended")).containsEntry("batches", Value.of(2));
        assertThat(mended.isEqual()).isTrue();
    }

    @Test
    void a_context_that_lost_dots_gets_them_from_the_feed() throws Exception {
        TestAuthor author = filled("missing-dot", 10);
        String before = state("left", "missing-dot");
        regions()
                .alter(
                        "left",
                        "UPDATE context SET intervals = ? WHERE scope = ?",
                        Intervals.of(1, 6).with(9, 10).encoded().toArray(),
                        "missing-dot");
        Verdict found = verify("left", "missing-dot", "");
        assertThat(found.findings()).hasSize(1);
        assertThat(found.only("unseen"))
                .containsEntry("at", Value.of("here"))
                .containsEntry("author", Value.of(author.id().toString()))
                .containsEntry("numbers", Value.of("7-8"));
        Verdict mended = verify("left", "missing-dot", "&repair=true");
        assertThat(mended.event("mended")).containsEntry("operations", Value.of(2));
        assertThat(mended.isEqual()).isTrue();
        assertThat(state("left", "missing-dot")).isEqualTo(before);
        assertThat(quarantined("left", "missing-dot")).isEqualTo("0");
    }

    @Test
    void a_scope_of_which_a_region_lost_everything_is_sent_anew() throws Exception {
        filled("lost", 11);
        String before = state("left", "lost");
        for (String table : List.of("document", "context", "operation", "batch"))
            regions().alter("left", "DELETE FROM " + table + " WHERE scope = ?", "lost");
        Verdict found = verify("left", "lost", "&wait-millis=0");
        assertThat(found.only("lacking")).containsEntry("operations", Value.of(11));
        assertThat(found.of("behind")).hasSize(5);
        // From the other side, where it is sent over the network.
        Verdict sent = verify("right", "lost", "&wait-millis=5000&repair=true");
        assertThat(sent.event("sent"))
                .containsEntry("to", Value.of("peer"))
                .containsEntry("batches", Value.of(11));
        assertThat(sent.isEqual()).as(sent.lines.toString()).isTrue();
        assertThat(state("left", "lost")).isEqualTo(before);
    }

    @Test
    void branches_of_a_copied_key_are_told_and_left_alone() throws Exception {
        TestAuthor author = filled("forked", 3);
        TestAuthor copy = author.cloned();
        command("left", "pause");
        command("right", "pause");
        try {
            for (String region : List.of("left", "right"))
                RegionFolders.await(() -> reported(region, "state").equals(Value.of("paused")));
            regions().push("left", author, List.of(author.put("p1", "name", "left")));
            regions().push("right", copy, List.of(copy.put("p1", "name", "right")));
        } finally {
            command("left", "resume");
            command("right", "resume");
        }
        Verdict found = verify("left", "forked", "&repair=true");
        assertThat(found.isEqual()).isFalse();
        assertThat(found.only("forked"))
                .containsEntry("author", Value.of(author.id().toString()))
                .containsEntry("numbers", Value.of("4"));
        assertThat(found.only("behind")).containsEntry("id", Value.of("p1"));
        assertThat(found.of("corrupt")).isEmpty();
    }

    @Test
    void wrong_questions_are_answered_by_what_is_wrong() throws Exception {
        assertThat(request("left", "?scope=no%20scope").statusCode()).isEqualTo(400);
        assertThat(request("left", "?wait-millis=soon").statusCode()).isEqualTo(400);
        Verdict unknown = verify("left", "nobody-has-this", "");
        assertThat(unknown.event("failed").get("reason")).asString().contains("nobody-has-this");
        regions().stop("right");
        try {
            Verdict away = verify("left", "same", "");
            assertThat(away.event("failed").get("reason"))
                    .asString()
                    .contains(regions().peerOf("left"), "cannot be asked");
        } finally {
            regions().start("right");
        }
    }

    // Helpers.

    /** A scope that both regions have the same of: one author's writes about five patients. */
    private TestAuthor filled(String scope, int count) throws Exception {
        TestAuthor author = TwoRegions.author(scope, "amina");
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++)
            batches.add(
                    i % 2 == 0
                            ? author.increment("p" + i % 5)
                            : author.put("p" + i % 5, "name", "name " + i));
        regions().push("right", author, batches);
        regions().awaitOperations("left", scope, count);
        return author;
    }

    private String quarantined(String region, String scope) throws Exception {
        String sql = "SELECT count(*) FROM quarantine WHERE scope = ?";
        return String.valueOf(regions().ask(region, sql, scope));
    }

    private String state(String region, String scope) throws Exception {
        return String.valueOf(regions().ask(region, STATE, scope, scope, scope));
    }

    private Value reported(String region, String... path) throws Exception {
        return TwoRegions.at(TwoRegions.at(regions().link(region), "report"), path);
    }

    private void command(String region, String what) throws Exception {
        HttpResponse<String> answer =
                regions()
                        .request(
                                region,
                                "POST",
                                "/v1/mirror/" + regions().peerOf(region) + "/" + what);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private String path(String region, String query) {
        return "/v1/mirror/" + regions().peerOf(region) + "/verify" + query;
    }

    private HttpResponse<String> request(String region, String query) throws Exception {
        return regions().request(region, "POST", path(region, query));
    }

    private Verdict verify(String region, String scope, String options) throws Exception {
        HttpResponse<String> answer = request(region, "?scope=" + scope + options);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        List<Value.Map> lines = new ArrayList<>();
        answer.body().lines().forEach(line -> lines.add((Value.Map) Json.parse(line)));
        return new Verdict(lines);
    }

    /** The lines of a comparison. */
    private record Verdict(List<Value.Map> lines) {
        boolean isEqual() {
            return Value.of(true).equals(event("result").get("equal"));
        }

        @Nullable Value result(String name) {
            return event("result").get(name);
        }

        Map<String, Value> event(String name) {
            return lines.stream()
                    .filter(line -> Value.of(name).equals(line.fields().get("event")))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + ": " + lines))
                    .fields();
        }

        List<Value.Map> findings() {
            return lines.stream()
                    .filter(line -> Value.of("finding").equals(line.fields().get("event")))
                    .toList();
        }

        List<Value.Map> of(String kind) {
            return findings().stream()
                    .filter(line -> Value.of(kind).equals(line.fields().get("kind")))
                    .toList();
        }

        Map<String, Value> only(String kind) {
            List<Value.Map> all = of(kind);
            assertThat(all).as(kind + " in " + lines).hasSize(1);
            return all.getFirst().fields();
        }
    }
}
