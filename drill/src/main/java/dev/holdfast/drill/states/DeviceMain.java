package dev.holdfast.drill.states;

import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.clinic.ClinicWrite;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.Verifier;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreSettings;
import dev.holdfast.store.link.Link;
import dev.holdfast.store.link.LinkListener;
import dev.holdfast.store.link.LinkSettings;
import dev.holdfast.store.link.LinkStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A nurse's device as a process: writes a clinic's records into a device's store and keeps them in
 * step with an edge or a region. It says on its output what its user may believe, a line each,
 * after the store has flushed it; see {@link Ledger}. It ends with its input.
 *
 * <p>Commands, a line each: {@code write COUNT PAUSE_MILLIS}, {@code contest FROM TO} (the
 * telephone numbers of patients that no other command touches), {@code forbidden COUNT} (what its
 * grant does not allow), each answered by {@code done} in turn; {@code status}, answered at once.
 */
final class DeviceMain {
    /** A collection that no device of the drill may write. */
    static final String FORBIDDEN = "pharmacy";

    /** Patients whom the generated day does not touch. */
    static final int CONTESTED_FROM = 90_000;

    /** How many patients the devices share: few, so that they meet. */
    private static final int PATIENTS = 40;

    private static final int COMMANDS_MAX = 100;

    private final ReplicaStore store;
    private final Link link;
    private final ClinicData data;
    private final InstantSource clock;
    private final PrintStream out;
    private final BlockingQueue<String> commands = new ArrayBlockingQueue<>(COMMANDS_MAX);

    private DeviceMain(ReplicaStore store, LinkSettings settings, long seed, PrintStream out) {
        this.store = store;
        this.data = new ClinicData(seed, PATIENTS);
        this.clock = InstantSource.system();
        this.out = out;
        link = Link.open(store, settings, new Verifier(), clock, Entropy.system(), new Told());
        link.follow(Rings.SCOPE);
    }

    /** Arguments: folder, endpoint, CA, grant, the authority's public key's file, seed. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        ReplicaStore store =
                ReplicaStore.open(
                        StoreSettings.device(Path.of(arguments[0]), ClinicData.SCHEMA),
                        Entropy.system());
        SignedGrant grant = GrantText.read(Path.of(arguments[3]));
        store.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        LinkSettings settings =
                LinkSettings.device(
                        List.of(URI.create(arguments[1])),
                        PinnedTrust.load(Path.of(arguments[2])),
                        Set.of(
                                dev.holdfast.core.Bytes.fromHex(
                                        java.nio.file.Files.readString(Path.of(arguments[4]))
                                                .strip())));
        new DeviceMain(store, settings, Long.parseLong(arguments[5]), out).run();
    }

    private void run() throws IOException {
        say("replica " + store.key().replica());
        say("ready");
        Thread.ofPlatform().daemon().name("nurse").start(this::work);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            if (line.equals("status")) say(status());
            else commands.add(line);
        }
        link.close();
        store.close();
    }

    private void work() {
        try {
            while (true) {
                String[] words = commands.take().split(" ", -1);
                long first = Long.parseLong(words[1]);
                switch (words[0]) {
                    case "write" -> {
                        for (long i = 0; i < first; i++) {
                            ClinicWrite write = data.next();
                            write(write.document(), write.changes(), write.visits(), "-");
                            Thread.sleep(Long.parseLong(words[2]));
                        }
                    }
                    case "contest" -> {
                        for (long i = first; i <= Long.parseLong(words[2]); i++) contest((int) i);
                    }
                    case "forbidden" -> {
                        for (long i = 0; i < first; i++) {
                            DocumentId document = new DocumentId(FORBIDDEN, "morphine-" + i);
                            write(
                                    document,
                                    List.of(new Change.Put("ampoules", Value.of(i))),
                                    0,
                                    "-");
                        }
                    }
                    default -> throw new IllegalArgumentException(words[0]);
                }
                say("done");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void contest(int patient) {
        DocumentId document = ClinicData.patient(CONTESTED_FROM + patient);
        String value = "+254-" + store.key().replica() + "-" + patient;
        write(document, List.of(new Change.Put(ClinicData.PHONE, Value.of(value))), 0, value);
    }

    private void write(DocumentId document, List<Change> changes, long visits, String value) {
        say("begin " + document.collection() + " " + document.id() + " " + visits);
        Author.Written written =
                store.write(tables ->
                        store.author(tables)
                                .write(
                                        Rings.SCOPE,
                                        Map.of(document, changes),
                                        null,
                                        clock.millis()));
        for (long seq = written.first(); !written.isNothing() && seq <= written.last(); seq++) {
            say(
                    "saved "
                            + store.key().replica()
                            + " "
                            + seq
                            + " "
                            + document.collection()
                            + " "
                            + document.id()
                            + " "
                            + visits
                            + " "
                            + value);
        }
    }

    /**
     * What is in its context, how many dots nobody has confirmed as far as they must be, and
     * whether it is linked.
     */
    private String status() {
        return store.read(tables ->
                "status "
                        + tables.context(Rings.SCOPE).encoded().hex()
                        + " "
                        + (Dots.count(tables.unconfirmed(Rings.SCOPE))
                                + tables.unsealed(Rings.SCOPE, 0, 1).size())
                        + " "
                        + (link.status() instanceof LinkStatus.Connected
                                ? "connected"
                                : "disconnected"));
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    /** What the link learned, once it is stored. */
    private final class Told implements LinkListener {
        @Override
        public void believed(Receipt.Signed signed, SignedGrant signer) {
            Receipt receipt = signed.receipt();
            for (Span span : receipt.spans()) {
                if (span.replica().equals(store.key().replica()))
                    say("reached " + receipt.level() + " " + dots(span));
            }
        }

        @Override
        public void rejected(Rejection rejection) {
            say("refused " + dots(rejection.span()) + " " + rejection.code().text());
        }

        private static String dots(Span span) {
            return span.replica() + " " + span.from() + " " + span.to();
        }
    }
}
