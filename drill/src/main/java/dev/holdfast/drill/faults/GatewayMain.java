package dev.holdfast.drill.faults;

import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.keys.PinnedTrust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A program without the SDK that writes through the edge's HTTP API, so that the edge is the author
 * and its clock the one that stamps. Every line of its input, {@code put PATIENT VALUE}, sets a
 * patient's telephone number; it says the same of that as a device does ({@link
 * dev.holdfast.drill.rings.Ledger}), then {@code done}, or {@code failed} and why. It ends with its
 * input.
 */
final class GatewayMain {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client;
    private final URI edge;
    private final String grant;

    private GatewayMain(HttpClient client, URI edge, String grant) {
        this.client = client;
        this.edge = edge;
        this.grant = grant;
    }

    /** Arguments: where the edge is, CA, grant. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(PinnedTrust.load(Path.of(arguments[1])).context())
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(PATIENCE)
                        .build();
        String grant = Files.readString(Path.of(arguments[2])).strip();
        GatewayMain gateway = new GatewayMain(client, URI.create(arguments[0]), grant);
        out.println("ready");
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            String[] words = line.split(" ", -1);
            gateway.put(words[1], words[2], out);
        }
    }

    private void put(String patient, String value, PrintStream out) throws InterruptedException {
        String about = "patients " + patient + " 0";
        out.println("begin " + about);
        HttpRequest request =
                HttpRequest.newBuilder(
                                edge.resolve(
                                        "/v1/scopes/"
                                                + Rings.SCOPE
                                                + "/collections/patients/documents/"
                                                + patient))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/merge-patch+json")
                        .header("Authorization", "Bearer " + grant)
                        .method(
                                "PATCH",
                                BodyPublishers.ofString(
                                        "{\"" + ClinicData.PHONE + "\": \"" + value + "\"}"))
                        .build();
        try {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            String dot = answer.headers().firstValue("Holdfast-Dot").orElse("");
            if (answer.statusCode() == 200 && !dot.isEmpty()) {
                String[] name = dot.split(":", -1);
                out.println("saved " + name[0] + " " + name[1] + " " + about + " " + value);
                out.println("reached EDGE " + name[0] + " " + name[1] + " " + name[1]);
                out.println("done");
            } else {
                out.println("failed " + answer.statusCode() + " " + answer.body().strip());
            }
        } catch (IOException e) {
            out.println("failed " + e);
        }
    }
}
