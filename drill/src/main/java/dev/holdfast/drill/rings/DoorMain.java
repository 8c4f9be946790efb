package dev.holdfast.drill.rings;

import dev.holdfast.keys.PinnedTrust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A client of a backbone's door on its own machine: asks a member again and again whether it lives,
 * and says each time that it was answered ({@code reached}) or not; says how the door stands for
 * every line of its input. It ends with its input.
 */
final class DoorMain {
    private static final Duration ANSWER = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private DoorMain() {}

    /** Arguments: the door's port, whom to ask, the CA. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        InetSocketAddress door =
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0], 10));
        HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(PinnedTrust.load(Path.of(arguments[2])).context())
                        .proxy(ProxySelector.of(door))
                        .build();
        HttpRequest ask =
                HttpRequest.newBuilder(URI.create(arguments[1] + "/healthz"))
                        .timeout(ANSWER)
                        .build();
        Thread asking = Thread.ofVirtual().start(() -> ask(client, ask, out));
        out.println("ready");
        HttpRequest status =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.getPort() + "/"))
                        .build();
        try (HttpClient direct = HttpClient.newHttpClient()) {
            while (in.readLine() != null)
                out.println(
                        "status " + direct.send(status, BodyHandlers.ofString()).body().strip());
        }
        asking.interrupt();
        System.exit(0);
    }

    private static void ask(HttpClient client, HttpRequest request, PrintStream out) {
        try {
            while (true) {
                out.println(isAnswered(client, request) ? "reached" : "missed");
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isAnswered(HttpClient client, HttpRequest request)
            throws InterruptedException {
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            return response.statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
