package dev.holdfast.drill.rings;

import dev.holdfast.keys.PinnedTrust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Asks a node on its own machine whether it is ready, once for every line of its input; the answer
 * is a line: the status, 0 where there is none, and what it says. It ends with its input.
 */
final class ProbeMain {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private ProbeMain() {}

    /** Arguments: where the node is, the CA. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(arguments[0] + "/readyz"))
                        .timeout(PATIENCE)
                        .build();
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(PinnedTrust.load(Path.of(arguments[1])).context())
                        .connectTimeout(PATIENCE)
                        .build()) {
            out.println("ready");
            while (in.readLine() != null) out.println(ask(client, request));
        }
    }

    private static String ask(HttpClient client, HttpRequest request) throws InterruptedException {
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            return response.statusCode() + " " + response.body().replace('\n', ' ');
        } catch (IOException e) {
            return "0 " + String.valueOf(e.getMessage()).replace('\n', ' ');
        }
    }
}
