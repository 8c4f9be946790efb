package dev.holdfast.cli.mirror;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.Credentials;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.region.RegionSettings;
import dev.holdfast.region.mirror.MirrorEndpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * A process of a region on this machine, which is asked under its own certificate and grant. It is
 * believed whatever it is called there, since nobody else has its key.
 */
final class OwnRegion implements AutoCloseable {
    private static final Duration CONNECTING = Duration.ofSeconds(5);
    private static final Duration ANSWERING = Duration.ofSeconds(30);

    private final Path file;
    private final URI address;
    private final String authorization;
    private final HttpClient client;

    private OwnRegion(Path file, URI address, String authorization, HttpClient client) {
        this.file = file;
        this.address = address;
        this.authorization = authorization;
        this.client = client;
    }

    static OwnRegion open(Path file) {
        RegionSettings settings = SettingsFile.load(file, RegionSettings.class);
        int port = settings.http().port();
        if (port == 0)
            throw new Failure(
                    "the region cannot be found",
                    "http.port in " + file + " is 0, so that nobody knows where it listens",
                    "give it a port of its own there, and start it anew");
        Tls tls = Tls.load(settings.tls());
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {Tls.VERSION});
        HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECTING)
                        .sslContext(tls.ownContext())
                        .sslParameters(parameters)
                        .build();
        String grant = Bearer.header(Credentials.grantIn(settings.grant()).encoded());
        URI address = URI.create("https://" + host(settings.http().host()) + ":" + port);
        return new OwnRegion(file, address, grant, client);
    }

    private static String host(String listens) {
        return switch (listens) {
            case "0.0.0.0", "::", "[::]" -> "localhost";
            default ->
                    listens.contains(":") && !listens.startsWith("[")
                            ? "[" + listens + "]"
                            : listens;
        };
    }

    /** What the mirror says of itself. */
    Value status() throws IOException, InterruptedException {
        return whole(request("").GET().timeout(ANSWERING).build());
    }

    /** Has something done about a peer. */
    Value command(String peer, String what) throws IOException, InterruptedException {
        return whole(
                request("/" + encoded(peer) + "/" + what)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .timeout(ANSWERING)
                        .build());
    }

    /** What comes of a command about a peer, as it comes. To be closed. */
    Stream<Value> events(String peer, String what, String query)
            throws IOException, InterruptedException {
        HttpResponse<Stream<String>> answer =
                send(
                        request("/" + encoded(peer) + "/" + what + query)
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        if (answer.statusCode() == 200) return answer.body().map(this::parsed);
        try (Stream<String> lines = answer.body()) {
            throw refused(answer.statusCode(), lines.collect(Collectors.joining("\n")));
        }
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(MirrorEndpoint.PATH + path))
                .header(Bearer.HEADER, authorization);
    }

    private Value whole(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw refused(answer.statusCode(), answer.body());
        return parsed(answer.body());
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        try {
            return client.send(request, body);
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw new Failure(
                    "the region does not answer",
                    "nobody listens at " + address.getAuthority() + ", which " + file + " names",
                    "holdfast region " + file,
                    e);
        } catch (SSLException e) {
            throw new Failure(
                    "the region cannot be believed",
                    "what listens at " + address.getAuthority() + " is not it: " + e.getMessage(),
                    "look which program has that port, or start the region anew if its certificate"
                            + " was renewed",
                    e);
        }
    }

    private Value parsed(String text) {
        try {
            return Json.parse(text);
        } catch (MalformedException e) {
            throw new Failure(
                    "the region's answer cannot be read",
                    String.valueOf(e.getMessage()),
                    "let region and command be of the same version",
                    e);
        }
    }

    private Failure refused(int status, String body) {
        Value problem = Json.parse(body.isBlank() ? "{}" : body);
        String code = MirrorAction.text(problem, "code");
        return new Failure(
                code.isEmpty()
                        ? "the region answers " + status
                        : MirrorAction.text(problem, "title"),
                MirrorAction.text(problem, "detail"),
                switch (code) {
                    case "peer-unknown" ->
                            "name one of these, or add it to mirror.peers in " + file;
                    case "unknown-path" -> "start the region anew with this version";
                    case "forbidden" -> "take the certificate and the grant of this very process";
                    case "busy" -> "again when that is over";
                    default -> "look into the log of the region";
                });
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
