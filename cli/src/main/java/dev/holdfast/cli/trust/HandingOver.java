package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Said;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.RevocationList;
import dev.holdfast.node.grants.RevocationsEndpoint;
import dev.holdfast.node.grants.SignedRevocations;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.tls.Tls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLParameters;

/**
 * Asks nodes what they know to be revoked, and hands them the list. Whatever a node does, it is an
 * answer: a node that is cut off must not keep anything from being revoked.
 */
final class HandingOver implements AutoCloseable {
    private static final Duration CONNECTING = Duration.ofSeconds(5);
    private static final Duration ANSWERING = Duration.ofSeconds(30);

    /** Of the grant that this command shows, so that nodes tell it. */
    private static final Duration COUNTS = Duration.ofHours(1);

    private final Deployment by;
    private final String authorization;
    private final HttpClient client;

    HandingOver(Deployment by) {
        this.by = by;
        this.authorization =
                Bearer.header(
                        by.grant(
                                        ReplicaKey.create(Entropy.system()).publicKey(),
                                        "grant-revoke",
                                        Grant.Role.OPERATOR,
                                        List.of(),
                                        COUNTS,
                                        Duration.ZERO)
                                .encoded());
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {Tls.VERSION});
        this.client =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECTING)
                        .sslContext(PinnedTrust.load(by.caCertificate()).context())
                        .sslParameters(parameters)
                        .build();
    }

    /** What a node made of the list. */
    sealed interface Answer {
        /**
         * It answered.
         *
         * @param serial of the list that is in force there now
         * @param stands whether that is the one that was handed over
         */
        record Told(long serial, boolean stands) implements Answer {}

        record Failed(String reason) implements Answer {}
    }

    /** What the node knows; nothing where it does not say. */
    RevocationList known(URI node) throws InterruptedException {
        try {
            HttpResponse<String> answer =
                    send(request(node).header(Bearer.HEADER, authorization).GET().build());
            if (answer.statusCode() != 200) return RevocationList.NONE;
            return SignedRevocations.parse(
                            answer.body(),
                            node.toString(),
                            Set.of(by.grantsPublicKey()),
                            new Verifier())
                    .list();
        } catch (IOException | SettingsException e) {
            return RevocationList.NONE; // told when it is handed over, if it matters then
        }
    }

    /** Hands the list over. */
    Answer give(URI node, SignedRevocations list) throws InterruptedException {
        try {
            HttpResponse<String> answer =
                    send(
                            request(node)
                                    .PUT(HttpRequest.BodyPublishers.ofString(list.text()))
                                    .build());
            Value said = Json.parse(answer.body());
            if (answer.statusCode() == 200)
                return new Answer.Told(Said.number(said, "serial"), Said.flag(said, "stands"));
            return new Answer.Failed(
                    Said.text(said, "code").equals("unknown-path")
                            ? "it runs an older version, which knows of no revoking"
                            : "it answers "
                                    + answer.statusCode()
                                    + ": "
                                    + Said.text(said, "detail"));
        } catch (MalformedException e) {
            return new Answer.Failed("its answer cannot be read");
        } catch (IOException e) {
            String why = e.getMessage() == null ? "" : ": " + e.getMessage();
            return new Answer.Failed(e.getClass().getSimpleName() + why);
        }
    }

    private static HttpRequest.Builder request(URI node) {
        return HttpRequest.newBuilder(node.resolve(RevocationsEndpoint.PATH)).timeout(ANSWERING);
    }

    private HttpResponse<String> send(HttpRequest request)
            throws IOException, InterruptedException {
        return client.send(
                request,
                HttpResponse.BodyHandlers.limiting(
                        HttpResponse.BodyHandlers.ofString(), SignedRevocations.MAX_BYTES));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
