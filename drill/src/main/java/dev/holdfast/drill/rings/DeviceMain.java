package dev.holdfast.drill.rings;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Change;
import dev.holdfast.device.Acknowledged;
import dev.holdfast.device.Device;
import dev.holdfast.device.DeviceSettings;
import dev.holdfast.device.DeviceStatus;
import dev.holdfast.device.RejectedWrite;
import dev.holdfast.device.Scope;
import dev.holdfast.device.Transaction;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.clinic.ClinicWrite;
import dev.holdfast.keys.Entropy;
import dev.holdfast.store.StoreException;
import dev.holdfast.store.link.LinkStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * A nurse's device as a process: an application over the device's SDK that writes a clinic's
 * records. It says on its output what its user may believe, a line each, after the device has
 * flushed it; see {@link Ledger}. It ends with its input.
 *
 * <p>Commands, a line each: {@code write COUNT PAUSE_MILLIS}, {@code contest FROM TO} (the
 * telephone numbers of patients that no other command touches), {@code tally NAME COUNT
 * PAUSE_MILLIS} (see {@link Tally}), {@code forbidden COUNT} (what its grant does not allow), each
 * answered by {@code done} in turn; {@code status}, answered at once; {@code clock AHEAD_MILLIS}
 * sets its clock at once, whatever it is doing, and is not answered.
 */
public final class DeviceMain {
    /** A collection that no device of the drill may write. */
    public static final String FORBIDDEN = "pharmacy";

    /** Patients whom the generated day does not touch. */
    public static final int CONTESTED_FROM = 90_000;

    /** How many patients the devices share: few, so that they meet. */
    private static final int PATIENTS = 40;

    private static final int COMMANDS_MAX = 100;

    private final Device device;
    private final Scope scope;
    private final ClinicData data;

    /** Unlike in any other life of any device. */
    private final String life;

    private final SteppingClock clock;
    private final PrintStream out;
    private final BlockingQueue<String> commands = new ArrayBlockingQueue<>(COMMANDS_MAX);
    private long tallied;

    /** The machine's, and so much ahead of it. */
    private static final class SteppingClock implements InstantSource {
        private volatile Duration ahead;

        SteppingClock(Duration ahead) {
            this.ahead = ahead;
        }

        void step(Duration to) {
            ahead = to;
        }

        @Override
        public Instant instant() {
            return InstantSource.system().instant().plus(ahead);
        }
    }

    private DeviceMain(Device device, SteppingClock clock, long seed, PrintStream out) {
        this.device = device;
        this.clock = clock;
        this.data = new ClinicData(seed, PATIENTS);
        this.life = Long.toHexString(seed);
        this.out = out;
        device.onAcknowledged(this::acknowledged);
        device.onRejected(this::rejected);
        // Its log: why a device was long to come back is found here.
        device.onLink(
                status -> System.err.println(InstantSource.system().instant() + " " + status));
        this.scope = device.scope(Rings.SCOPE);
    }

    /**
     * Arguments: folder, endpoint, CA, grant, the authority's public key's file, seed, how many
     * milliseconds its clock is ahead, name servers with commas between them.
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Bytes authority = Bytes.fromHex(Files.readString(Path.of(arguments[4])).strip());
        DeviceSettings settings =
                DeviceSettings.in(Path.of(arguments[0]))
                        .withSchema(ClinicData.SCHEMA)
                        .withEndpoints(List.of(URI.create(arguments[1])))
                        .withCa(Path.of(arguments[2]))
                        .withGrant(Path.of(arguments[3]))
                        .withAuthorities(authority)
                        .withNameServers(
                                arguments[7].isEmpty()
                                        ? new String[0]
                                        : arguments[7].split(",", 8));
        SteppingClock clock = new SteppingClock(Duration.ofMillis(Long.parseLong(arguments[6])));
        try (Device device = Device.open(settings, clock, Entropy.system())) {
            new DeviceMain(device, clock, Long.parseLong(arguments[5]), out).run();
        }
    }

    private void run() throws IOException {
        say("replica " + device.replica());
        say("ready");
        Thread.ofPlatform().daemon().name("nurse").start(this::work);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            if (line.equals("status")) say(status());
            else if (line.startsWith("clock "))
                clock.step(Duration.ofMillis(number(line.substring(6))));
            else commands.add(line);
        }
    }

    private void work() {
        try {
            while (true) {
                perform(commands.take().split(" ", -1));
                say("done");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void perform(String[] words) throws InterruptedException {
        switch (words[0]) {
            case "write" -> {
                for (long i = number(words[1]); i > 0; i--) {
                    write(data.next());
                    Thread.sleep(number(words[2]));
                }
            }
            case "contest" -> {
                for (long i = number(words[1]); i <= number(words[2]); i++) contest(i);
            }
            case "tally" -> {
                for (long i = number(words[2]); i > 0; i--) {
                    tally(Tally.document(words[1]));
                    Thread.sleep(number(words[3]));
                }
            }
            case "forbidden" -> {
                for (long i = number(words[1]); i > 0; i--) {
                    long ampoules = i;
                    DocumentId id = new DocumentId(FORBIDDEN, "morphine-" + i);
                    save(id, 0, "-", tx -> tx.put(FORBIDDEN, id.id(), "ampoules", ampoules));
                }
            }
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private void write(ClinicWrite write) {
        save(
                write.document(),
                write.visits(),
                "-",
                tx -> write.changes().forEach(change -> ask(tx, write.document(), change)));
    }

    private void contest(long patient) {
        DocumentId id = ClinicData.patient((int) (CONTESTED_FROM + patient));
        String value = "+254-" + life + "-" + patient;
        save(id, 0, value, tx -> tx.put(id.collection(), id.id(), ClinicData.PHONE, value));
    }

    private void tally(DocumentId id) {
        String entry = life + "-" + ++tallied;
        save(
                id,
                0,
                entry,
                tx ->
                        tx.add(id.collection(), id.id(), Tally.ENTRIES, entry)
                                .increment(id.collection(), id.id(), Tally.COUNT, 1));
    }

    private static void ask(Transaction tx, DocumentId id, Change change) {
        String collection = id.collection();
        switch (change) {
            case Change.Put(String path, var value) -> tx.put(collection, id.id(), path, value);
            case Change.Unset(String path) -> tx.unset(collection, id.id(), path);
            case Change.Increment(String path, long by) ->
                    tx.increment(collection, id.id(), path, by);
            case Change.Add(String path, var element) -> tx.add(collection, id.id(), path, element);
            case Change.Remove(String path, var element) ->
                    tx.remove(collection, id.id(), path, element);
            case Change.Delete() -> tx.delete(collection, id.id());
        }
    }

    private void save(DocumentId id, long visits, String value, Consumer<Transaction> work) {
        String about = id.collection() + " " + id.id() + " " + visits;
        say("begin " + about);
        try {
            for (Dot dot : scope.transaction(work).dots())
                say("saved " + dot.replica() + " " + dot.seq() + " " + about + " " + value);
        } catch (StoreException e) {
            say("unsaved " + e.kind() + " " + e.getMessage());
        }
    }

    /**
     * Whether all that it wrote is as durable as it must be, how many patients it can read, whether
     * it is linked, and how many milliseconds its clock is said to be ahead.
     */
    private String status() {
        DeviceStatus status = device.status();
        return "status "
                + (scope.pending(1).isEmpty() ? "settled" : "pending")
                + " "
                + scope.query("patients").list().size()
                + " "
                + (status.link() instanceof LinkStatus.Connected ? "connected" : "disconnected")
                + " "
                + status.clockAhead().toMillis();
    }

    private void acknowledged(Acknowledged told) {
        say("reached " + told.level() + " " + dots(told.span()));
    }

    private void rejected(RejectedWrite told) {
        say("refused " + dots(told.span()) + " " + told.code().text());
    }

    private static String dots(Span span) {
        return span.replica() + " " + span.from() + " " + span.to();
    }

    private static long number(String word) {
        return Long.parseLong(word);
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }
}
