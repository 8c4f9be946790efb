package dev.holdfast.cli.node;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Said;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
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
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * A node's process on this machine, which is asked under its own certificate, and grant if it has
 * one. It is believed whatever it is called there, since nobody else has its key.
 */
public final class OwnNode implements AutoCloseable {
    private static final Duration CONNECTING = Duration.ofSeconds(5);
    private static final Duration ANSWERING = Duration.ofSeconds(30);

    /**
     * Which one.
     *
     * @param kind such as {@code region}: the command that runs it
     * @param file its settings
     * @param path under which all that is asked stands
     * @param remedies what to do about a problem, by its code
     */
    public record Which(String kind, Path file, String path, Map<String, String> remedies) {}

    private final Which which;
    private final URI address;
    private final Optional<String> authorization;
    private final HttpClient client;

    private OwnNode(Which which, URI address, Optional<String> authorization, HttpClient client) {
        this.which = which;
        this.address = address;
        this.authorization = authorization;
        this.client = client;
    }

    /**
     * Looks where it listens.
     *
     * @param authorization the header with its grant, if it has one
     * @throws Failure when nobody can know
     */
    public static OwnNode open(
            Which which, HttpSettings http, TlsSettings files, Optional<String> authorization) {
        if (http.port() == 0)
            throw new Failure(
                    "the " + which.kind() + " cannot be found",
                    "http.port in " + which.file() + " is 0, so that nobody knows where it listens",
                    "give it a port of its own there, and start it anew");
        Tls tls = Tls.load(files);
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {Tls.VERSION});
        HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECTING)
                        .sslContext(tls.ownContext())
                        .sslParameters(parameters)
                        .build();
        URI address = URI.create("https://" + host(http.host()) + ":" + http.port());
        return new OwnNode(which, address, authorization, client);
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

    /** What it says at a path below its own. */
    public Value get(String path, Map<String, String> query)
            throws IOException, InterruptedException {
        return whole(request(path + text(query)).GET().timeout(ANSWERING).build());
    }

    /** Has it do something, and hears what came of it. */
    public Value post(String path, Map<String, String> query)
            throws IOException, InterruptedException {
        return whole(posting(path, query).timeout(ANSWERING).build());
    }

    /** The same where what comes of it are lines of JSON, as they come. To be closed. */
    public Stream<Value> events(String path, Map<String, String> query)
            throws IOException, InterruptedException {
        HttpResponse<Stream<String>> answer =
                send(posting(path, query).build(), HttpResponse.BodyHandlers.ofLines());
        if (answer.statusCode() == 200) return answer.body().map(this::parsed);
        try (Stream<String> lines = answer.body()) {
            throw refused(answer.statusCode(), lines.collect(Collectors.joining("\n")));
        }
    }

    private HttpRequest.Builder posting(String path, Map<String, String> query) {
        return request(path + text(query)).POST(HttpRequest.BodyPublishers.noBody());
    }

    private static String text(Map<String, String> query) {
        StringJoiner text = new StringJoiner("&", "?", "").setEmptyValue("");
        new TreeMap<>(query).forEach((name, value) -> text.add(name + "=" + encoded(value)));
        return text.toString();
    }

    /** As one segment of a path. */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(which.path() + path));
        authorization.ifPresent(header -> request.header(Bearer.HEADER, header));
        return request;
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
                    "the " + which.kind() + " does not answer",
                    "nobody listens at "
                            + address.getAuthority()
                            + ", which "
                            + which.file()
                            + " names",
                    "holdfast " + which.kind() + " " + which.file(),
                    e);
        } catch (SSLException e) {
            throw new Failure(
                    "the " + which.kind() + " cannot be believed",
                    "what listens at " + address.getAuthority() + " is not it: " + e.getMessage(),
                    "look which program has that port, or start the "
                            + which.kind()
                            + " anew if its certificate was renewed",
                    e);
        }
    }

    private Value parsed(String text) {
        try {
            return Json.parse(text);
        } catch (MalformedException e) {
            throw new Failure(
                    "the " + which.kind() + "'s answer cannot be read",
                    String.valueOf(e.getMessage()),
                    "let " + which.kind() + " and command be of the same version",
                    e);
        }
    }

    private Failure refused(int status, String body) {
        Value problem = Json.parse(body.isBlank() ? "{}" : body);
        String code = Said.text(problem, "code");
        return new Failure(
                code.isEmpty()
                        ? "the " + which.kind() + " answers " + status
                        : Said.text(problem, "title"),
                Said.text(problem, "detail"),
                switch (code) {
                    case "unknown-path" -> "start the " + which.kind() + " anew with this version";
                    case "forbidden" -> "take the files of this very process";
                    default ->
                            which.remedies()
                                    .getOrDefault(code, "look into the log of the " + which.kind());
                });
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
