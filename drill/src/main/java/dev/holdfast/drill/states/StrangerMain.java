package dev.holdfast.drill.states;

import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.sync.Message;
import dev.holdfast.drill.rings.Tally;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Somebody with a grant and no manners, as a process on a device's machine. Every line of its input
 * is something to do to {@code edge} or {@code region}, answered by lines and {@code end}, or
 * {@code end} with what went wrong:
 *
 * <ul>
 *   <li>{@code repeat NODE}: pushes three signed batches, the very same bytes of each as often as
 *       {@link #REPETITIONS} says; answers how many pushes were acknowledged.
 *   <li>{@code misuse NODE}: all of {@link Misuse}, a line for each: {@code refused} or {@code
 *       TAKEN}, what it was, what the answer was, with tabs between them.
 * </ul>
 *
 * It ends with its input.
 */
final class StrangerMain {
    static final String KEY = "replica.key";
    static final String GRANT = "stranger.grant";
    static final String EXPIRED = "expired.grant";
    static final String FOREIGN = "foreign.grant";

    /** How often each of the batches is sent. */
    static final List<Integer> REPETITIONS = List.of(1, 2, 50);

    private final Path folder;
    private final PinnedTrust trust;
    private final URI edge;
    private final URI region;
    private final PrintStream out;

    private StrangerMain(Path folder, PinnedTrust trust, URI edge, URI region, PrintStream out) {
        this.folder = folder;
        this.trust = trust;
        this.edge = edge;
        this.region = region;
        this.out = out;
    }

    /** Arguments: folder with key and grants, CA, where the edge is, where the region is. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println("ready");
        new StrangerMain(
                        Path.of(arguments[0]),
                        PinnedTrust.load(Path.of(arguments[1])),
                        URI.create(arguments[2]),
                        URI.create(arguments[3]),
                        out)
                .run();
    }

    /** The document that the repeated writes to {@code node} count in. */
    static DocumentId repeated(String node) {
        return Tally.document("repeated-" + node);
    }

    private void run() throws IOException, InterruptedException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            String[] words = line.split(" ", -1);
            try (Caller caller = new Caller(words[1].equals("edge") ? edge : region, trust)) {
                if (words[0].equals("repeat")) repeat(caller, words[1]);
                else misuse(caller);
                out.println("end");
            } catch (IOException | RuntimeException e) {
                e.printStackTrace();
                out.println("end " + e);
            }
        }
    }

    private void repeat(Caller caller, String node) throws IOException, InterruptedException {
        ReplicaKey key = new KeyFile(folder.resolve(KEY)).load();
        // Each node its own author would need a grant of its own; two chains in one scope clash.
        long first = node.equals("edge") ? 1 : REPETITIONS.size() + 1;
        Forger forger = new Forger(key, GrantText.read(folder.resolve(GRANT)));
        int acknowledged = 0;
        for (int i = 0; i < REPETITIONS.size(); i++) {
            Bytes push = forger.push(caller.challenge(), forger.batch(first + i, repeated(node)));
            for (int times = REPETITIONS.get(i); times > 0; times--) {
                List<Message> answers = caller.round(push);
                if (answers.stream().anyMatch(Message.Ack.class::isInstance)) acknowledged++;
            }
        }
        out.println("acknowledged " + acknowledged);
    }

    private void misuse(Caller caller) throws IOException, InterruptedException {
        Misuse misuse =
                new Misuse(
                        caller,
                        new KeyFile(folder.resolve(KEY)).load(),
                        GrantText.read(folder.resolve(GRANT)),
                        GrantText.read(folder.resolve(EXPIRED)),
                        GrantText.read(folder.resolve(FOREIGN)));
        for (Misuse.Outcome outcome : misuse.all()) {
            String verdict = outcome.refused() ? "refused" : "TAKEN";
            out.println(verdict + "\t" + outcome.what() + "\t" + outcome.answer());
        }
    }
}
