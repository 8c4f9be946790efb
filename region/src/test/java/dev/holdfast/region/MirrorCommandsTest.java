package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.grants.RevocationList;
import dev.holdfast.node.grants.SignedRevocations;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.BrokerProcess;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What people ask of a region's mirror, over HTTP as the command line does. */
@ExtendWith(RealServices.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MirrorCommandsTest {
    @TempDir static Path folder;

    private @Nullable TwoRegions started;

    @BeforeAll
    void two_regions(BrokerProcess process, EmbeddedDatabase server) throws Exception {
        started = new TwoRegions("commanded", folder, process.address(), server.address());
    }

    @AfterAll
    void stop() {
        if (started != null) started.close();
    }

    private TwoRegions regions() {
        return Objects.requireNonNull(started);
    }

    @Test
    void a_link_that_is_paused_by_one_process_rests_in_another_and_over_a_restart()
            throws Exception {
        TwoRegions regions = regions();
        TestAuthor author = TwoRegions.author("paused", "amina");
        regions.push("right", author, regions.increments(author, 3));
        regions.awaitOperations("left", "paused", 3);

        assertThat(command("left", "pause")).isEqualTo(200);
        awaitState("left", "paused");
        Value since = TwoRegions.at(regions.link("left"), "paused");
        // Again is as good, and it stays paused since when it was.
        assertThat(command("left-links", "pause")).isEqualTo(200);
        assertThat(TwoRegions.at(regions.link("left"), "paused")).isEqualTo(since);

        regions.push("right", author, regions.increments(author, 5));
        RegionFolders.await(() -> operationsBehind("left").equals(Value.of(5)));
        // By the peer's own clock.
        RegionFolders.await(() -> !reported("left", "lag", "seconds").equals(Value.of(0)));
        regions.stop("left-links");
        Value last = TwoRegions.at(regions.link("left"), "reported");
        regions.start("left-links");
        RegionFolders.await(() -> !TwoRegions.at(regions.link("left"), "reported").equals(last));
        awaitState("left", "paused");
        RegionFolders.await(() -> operationsBehind("left").equals(Value.of(5)));
        assertThat(TwoRegions.at(regions.link("left"), "report", "lag", "batches"))
                .isEqualTo(Value.of(5));
        assertThat(TwoRegions.at(regions.link("left"), "report", "lag", "exact"))
                .isEqualTo(Value.of(true));
        assertThat(regions.operations("left", "paused")).isEqualTo(3);
        assertThat(metrics("left-links"))
                .contains("holdfast_mirror_paused{peer=\"" + regions.peerOf("left") + "\"} 1")
                .contains(
                        "holdfast_mirror_lag_operations{peer=\""
                                + regions.peerOf("left")
                                + "\"} 5");

        assertThat(command("left", "resume")).isEqualTo(200);
        regions.awaitOperations("left", "paused", 8);
        awaitState("left", "following");
        RegionFolders.await(() -> operationsBehind("left").equals(Value.of(0)));
        assertThat(command("left", "resume")).isEqualTo(200);
    }

    @Test
    void what_came_from_here_counts_as_no_lag() throws Exception {
        TwoRegions regions = regions();
        TestAuthor author = TwoRegions.author("own", "bashir");
        regions.push("left", author, regions.increments(author, 20));
        regions.awaitOperations("right", "own", 20);
        RegionFolders.await(() -> operationsBehind("left").equals(Value.of(0)));
        RegionFolders.await(() -> operationsBehind("right").equals(Value.of(0)));
    }

    @Test
    void a_peer_that_cannot_be_asked_makes_the_lag_unknown() throws Exception {
        TwoRegions regions = regions();
        regions.stop("right");
        RegionFolders.await(() -> !reported("left", "lag", "unknown").equals(Value.of("none")));
        awaitState("left", "waiting");
        assertThat(metrics("left-links")).contains("holdfast_mirror_lag_operations", "NaN");
        regions.start("right");
        awaitState("left", "following");
        RegionFolders.await(() -> operationsBehind("left").equals(Value.of(0)));
    }

    @Test
    void all_scopes_are_compared_by_their_digests() throws Exception {
        TwoRegions regions = regions();
        for (String scope : List.of("digest-1", "digest-2", "digest-3")) {
            TestAuthor author = TwoRegions.author(scope, "amina");
            regions.push("right", author, regions.increments(author, 3));
            regions.awaitOperations("left", scope, 3);
        }
        assertThat(verify("right", "")).contains("\"equal\":true").doesNotContain("looked");
        regions.alter("right", "DELETE FROM document WHERE scope = 'digest-2' AND id = 'p1'");
        assertThat(verify("left", "?wait-millis=0"))
                .contains("\"equal\":false", "digest-2", "\"wrong-at\":\"peer\"")
                .doesNotContain("digest-1", "digest-3");
        assertThat(verify("right", "?repair=true")).contains("\"equal\":true", "mended");
    }

    private String verify(String region, String query) throws Exception {
        HttpResponse<String> answer =
                regions()
                        .request(
                                region,
                                "POST",
                                "/v1/mirror/" + regions().peerOf(region) + "/verify" + query);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void an_unknown_peer_is_answered_by_the_known_ones() throws Exception {
        HttpResponse<String> answer =
                regions().request("left", "POST", "/v1/mirror/atlantis.example:1/pause");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body())
                .contains("peer-unknown", "atlantis.example:1", regions().peerOf("left"));
    }

    @Test
    void only_those_with_the_node_s_own_files_may_command_it() throws Exception {
        TwoRegions regions = regions();
        HttpResponse<String> other = regions.request("left", "right", "GET", "/v1/mirror");
        assertThat(other.statusCode()).as(other.body()).isEqualTo(403);
        HttpResponse<String> pause =
                regions.request(
                        "left", "right", "POST", "/v1/mirror/" + regions.peerOf("left") + "/pause");
        assertThat(pause.statusCode()).as(pause.body()).isEqualTo(403);
        assertThat(TwoRegions.at(regions.link("left"), "paused")).isEqualTo(Value.of("none"));
    }

    @Test
    void an_operator_who_may_act_commands_it_from_a_browser_and_one_who_looks_does_not()
            throws Exception {
        TwoRegions regions = regions();
        String pause = "/v1/mirror/" + regions.peerOf("right") + "/pause";
        String looks = operator(List.of());
        String acts = operator(List.of(Grant.ANY));
        assertThat(regions.bearing(looks, "right", "GET", "/v1/mirror").statusCode())
                .isEqualTo(200);
        assertThat(regions.bearing(looks, "right", "POST", pause).statusCode()).isEqualTo(403);
        assertThat(TwoRegions.at(regions.link("right"), "paused")).isEqualTo(Value.of("none"));
        assertThat(regions.bearing(acts, "right", "POST", pause).statusCode()).isEqualTo(200);
        awaitState("right", "paused");
        assertThat(
                        regions.bearing(acts, "right", "POST", pause.replace("pause", "resume"))
                                .statusCode())
                .isEqualTo(200);
        awaitState("right", "following");
        // Others than people are not asked for by a grant alone.
        assertThat(regions.bearing(acts, "right", "POST", "/v1/mirror/compare").statusCode())
                .isEqualTo(403);
    }

    @Test
    void what_is_revoked_at_one_region_is_revoked_at_the_other() throws Exception {
        TwoRegions regions = regions();
        String gone = operator("gone", List.of());
        assertThat(regions.bearing(gone, "right", "GET", "/v1/mirror").statusCode()).isEqualTo(200);
        Bytes key = TestAuthor.key("gone").publicKey();
        Revocation word = new Revocation(key, "gone", Instant.EPOCH, Optional.empty());
        RevocationList list = RevocationList.NONE.next(List.of(word));
        String text = SignedRevocations.sign(list, TestAuthor.AUTHORITY::sign).text();
        assertThat(regions.handOver("left", text).statusCode()).isEqualTo(200);
        assertThat(regions.bearing(gone, "left", "GET", "/v1/mirror").body())
                .contains("grant-revoked");
        RegionFolders.await(() ->
                regions.bearing(gone, "right", "GET", "/v1/mirror")
                        .body()
                        .contains("grant-revoked"));
    }

    private static String operator(List<String> write) {
        return operator("dalia", write);
    }

    private static String operator(String name, List<String> write) {
        Grant grant =
                new Grant(
                        TestAuthor.key(name).publicKey(),
                        name,
                        Grant.Role.OPERATOR,
                        List.of(new Grant.Right(Grant.ANY, true, write)),
                        0,
                        4_000_000_000_000L,
                        0);
        return Bearer.token(
                SignedGrant.of(grant, TestAuthor.AUTHORITY.sign(SignedGrant.signedText(grant)))
                        .encoded());
    }

    private int command(String region, String what) throws Exception {
        return regions()
                .request(region, "POST", "/v1/mirror/" + regions().peerOf(region) + "/" + what)
                .statusCode();
    }

    private void awaitState(String region, String state) throws Exception {
        RegionFolders.await(() -> reported(region, "state").equals(Value.of(state)));
    }

    private Value operationsBehind(String region) throws Exception {
        return reported(region, "lag", "operations");
    }

    private Value reported(String region, String... path) throws Exception {
        return TwoRegions.at(TwoRegions.at(regions().link(region), "report"), path);
    }

    private String metrics(String region) throws Exception {
        return regions().request(region, "GET", "/metrics").body();
    }
}
