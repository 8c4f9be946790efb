package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.SCOPE;
import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.keys.ReplicaKey;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an edge that is cut off tells its operators, over HTTP. */
class EdgeConsoleTest {
    private static final String CONSOLE = "/v1/console";

    @TempDir static Path folder;
    private static Clinic clinic;
    private static EdgeNode edge;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        clinic = new Clinic(folder);
        edge = clinic.start();
        client = clinic.http();
    }

    @AfterAll
    static void stop() {
        edge.close();
        client.close();
    }

    @Test
    void nothing_is_told_without_a_grant_or_with_one_that_is_foreign_or_over() throws Exception {
        assertThat(
                        Clinic.send(client, HttpRequest.newBuilder(edge.address().resolve(CONSOLE)))
                                .statusCode())
                .isEqualTo(401);
        assertThat(ask(CONSOLE, "rubbish").statusCode()).isEqualTo(401);
        ReplicaKey stranger = ReplicaKey.create(Clinic.ENTROPY);
        HttpResponse<String> foreign =
                ask(CONSOLE, token(stranger, Grant.Role.OPERATOR, Grant.ANY, true, 1));
        assertThat(foreign.statusCode()).isEqualTo(401);
        assertThat(foreign.body()).contains("grant-foreign");
        HttpResponse<String> over =
                ask(CONSOLE, token(authority(), Grant.Role.OPERATOR, Grant.ANY, true, -1));
        assertThat(over.statusCode()).isEqualTo(401);
        assertThat(over.body()).contains("grant-expired");
    }

    @Test
    void no_other_role_looks_however_much_it_may_read() throws Exception {
        for (Grant.Role role : Grant.Role.values()) {
            int status =
                    ask(CONSOLE, token(authority(), role, Grant.ANY, true, 1, Grant.ANY))
                            .statusCode();
            assertThat(status).as(role.name()).isEqualTo(role == Grant.Role.OPERATOR ? 200 : 403);
        }
    }

    @Test
    void an_operator_of_one_scope_or_one_who_may_not_read_does_not_look() throws Exception {
        assertThat(ask(CONSOLE, token(authority(), Grant.Role.OPERATOR, SCOPE, true, 1)))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(403);
        assertThat(
                        ask(
                                CONSOLE,
                                token(
                                        authority(),
                                        Grant.Role.OPERATOR,
                                        Grant.ANY,
                                        false,
                                        1,
                                        Grant.ANY)))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(403);
    }

    @Test
    void an_operators_grant_reads_and_writes_no_document() throws Exception {
        String token = token(authority(), Grant.Role.OPERATOR, Grant.ANY, true, 1, Grant.ANY);
        String documents = "/v1/scopes/" + SCOPE + "/collections/patients/documents";
        assertThat(ask(documents, token).statusCode()).isEqualTo(403);
        HttpResponse<String> put =
                Clinic.send(
                        client,
                        HttpRequest.newBuilder(edge.address().resolve(documents + "/p1"))
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "application/json")
                                .PUT(HttpRequest.BodyPublishers.ofString("{}")));
        assertThat(put.statusCode()).isEqualTo(403);
        assertThat(put.body()).contains("operator");
    }

    @Test
    void it_says_who_looks_and_whether_he_may_act() throws Exception {
        Value.Map looks = look(token(authority(), Grant.Role.OPERATOR, Grant.ANY, true, 1));
        assertThat(at(looks, "you", "subject")).isEqualTo(Value.of("dalia"));
        assertThat(at(looks, "you", "may-act")).isEqualTo(Value.of(false));
        Value.Map acts =
                look(token(authority(), Grant.Role.OPERATOR, Grant.ANY, true, 1, Grant.ANY));
        assertThat(at(acts, "you", "may-act")).isEqualTo(Value.of(true));
    }

    @Test
    void a_write_is_seen_as_it_comes_in_and_waits_for_a_region() throws Exception {
        String token = token(authority(), Grant.Role.OPERATOR, Grant.ANY, true, 1);
        try (Clinic.Device device = clinic.device("amina", edge.address())) {
            device.put("p1", "name", Value.of("Siti"));
            await("the edge has it", () -> edge.backlogOperations() > 0);
            await("it is told", () -> number(look(token), "backlog", "operations") > 0);
            Value.Map told = look(token);
            assertThat(at(told, "node")).isEqualTo(Value.of("edge-1"));
            assertThat(at(told, "kind")).isEqualTo(Value.of("edge"));
            assertThat(at(told, "replica")).isEqualTo(Value.of(edge.replica().toString()));
            assertThat(at(told, "region", "up")).isEqualTo(Value.of(false));
            assertThat(number(told, "backlog", "at-region")).isZero();
            assertThat(number(told, "counters", "operations")).isPositive();
            assertThat(number(told, "clients", "open")).isPositive();
            Value.Map here = (Value.Map) items(told, "clients", "listed").getFirst();
            ReplicaId replica = device.store.key().replica();
            assertThat(at(here, "replica")).isEqualTo(Value.of(replica.toString()));
            assertThat(at(here, "key")).isEqualTo(Value.of(device.store.key().publicKey().hex()));
            assertThat(number(told, "revocations", "serial")).isZero();
            assertThat(at(here, "role")).isEqualTo(Value.of("device"));
            assertThat(at(here, "open")).isEqualTo(Value.of(true));
            assertThat(items(told, "scopes", "listed"))
                    .anySatisfy(scope -> assertThat(at(scope, "scope")).isEqualTo(Value.of(SCOPE)));
            assertThat(items(told, "quarantine", "listed")).isEmpty();

            String journey = CONSOLE + "/journey?scope=" + SCOPE + "&dot=" + replica + ":";
            Value.Map first = (Value.Map) Json.parse(ask(journey + 1, token).body());
            assertThat(at(first, "has")).isEqualTo(Value.of(true));
            assertThat(at(first, "waits")).isEqualTo(Value.of(true));
            Value.Map unknown = (Value.Map) Json.parse(ask(journey + 999, token).body());
            assertThat(at(unknown, "has")).isEqualTo(Value.of(false));
            assertThat(ask(journey + "x", token).statusCode()).isEqualTo(400);
            String traced = CONSOLE + "/journey?scope=" + SCOPE + "&trace=";
            Bytes trace =
                    device.store.read(tables ->
                            tables.feedAfter(SCOPE, 0, 1)
                                    .getFirst()
                                    .batch()
                                    .body()
                                    .transactions()
                                    .getFirst()
                                    .traceId(SCOPE));
            Value.Map found = (Value.Map) Json.parse(ask(traced + trace.hex(), token).body());
            assertThat(at(found, "has")).isEqualTo(Value.of(true));
            assertThat(at(found, "dot")).isEqualTo(Value.of(replica + ":1"));
            Value.Map lost = (Value.Map) Json.parse(ask(traced + "0".repeat(32), token).body());
            assertThat(at(lost, "has")).isEqualTo(Value.of(false));
            assertThat(ask(traced + "00", token).statusCode()).isEqualTo(400);
            assertThat(ask(journey.replace(SCOPE, "%20") + 1, token).statusCode()).isEqualTo(400);
        }
        await(
                "who has left is remembered",
                () ->
                        at(items(look(token), "clients", "listed").getFirst(), "open")
                                .equals(Value.of(false)));
    }

    @Test
    void a_write_over_the_http_api_is_counted_once_however_often_it_is_repeated() throws Exception {
        String token = token(authority(), Grant.Role.OPERATOR, Grant.ANY, true, 1);
        String writer = token(authority(), Grant.Role.DEVICE, Grant.ANY, true, 1, Grant.ANY);
        long before = number(look(token), "api-writes");
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> put =
                    Clinic.send(
                            client,
                            HttpRequest.newBuilder(
                                            edge.address()
                                                    .resolve(
                                                            "/v1/scopes/other/collections/a/documents/b"))
                                    .header("Authorization", "Bearer " + writer)
                                    .header("Content-Type", "application/json")
                                    .PUT(HttpRequest.BodyPublishers.ofString("{\"n\":1}")));
            assertThat(put.statusCode()).isEqualTo(200);
        }
        await("it is counted", () -> number(look(token), "api-writes") == before + 1);
    }

    private static ReplicaKey authority() {
        return clinic.authority.grantKey();
    }

    private static String token(
            ReplicaKey by, Grant.Role role, String scope, boolean read, int days, String... write) {
        long now = Clinic.CLOCK.millis();
        Grant grant =
                new Grant(
                        ReplicaKey.create(Clinic.ENTROPY).publicKey(),
                        "dalia",
                        role,
                        List.of(new Grant.Right(scope, read, List.of(write))),
                        now - 10 * 86_400_000L,
                        now + days * 86_400_000L,
                        0);
        return Clinic.token(Clinic.sign(by, grant));
    }

    private static HttpResponse<String> ask(String path, String token) throws Exception {
        return Clinic.send(
                client,
                HttpRequest.newBuilder(edge.address().resolve(path))
                        .header("Authorization", "Bearer " + token));
    }

    private static Value.Map look(String token) {
        try {
            HttpResponse<String> answer = ask(CONSOLE, token);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return (Value.Map) Json.parse(answer.body());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Value at(Value value, String... path) {
        Value here = value;
        for (String name : path)
            here =
                    Objects.requireNonNull(
                            ((Value.Map) here).fields().get(name), () -> name + " in " + value);
        return here;
    }

    private static long number(Value value, String... path) {
        return ((Value.Int) at(value, path)).value();
    }

    private static List<Value> items(Value value, String... path) {
        return ((Value.Array) at(value, path)).items();
    }
}
