package dev.holdfast.drill.states;

import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.JavaProgram;
import dev.holdfast.drill.rings.Answers;
import dev.holdfast.drill.rings.Devices;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A {@link StrangerMain} from outside. */
final class Stranger implements AutoCloseable {
    private static final String NAME = "stranger";

    /** At the devices' side of the border: it reaches edge and region. */
    private static final Host HERE = Host.DEVICE_A;

    private static final Duration READY_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofMinutes(3);

    private final Answers answers = new Answers();
    private final Child child;

    private Stranger(List<String> command, Path log) {
        child = Child.start(NAME, command, log, "ready"::equals, answers::heard);
        child.awaitReady(READY_PATIENCE);
        answers.clear();
    }

    /**
     * Gives it a key, a grant that counts, one that is over, and one by somebody else's authority,
     * and starts it.
     */
    static Stranger start(Network network, Rings rings) {
        Path folder = rings.folder();
        Deployment deployment = rings.deployment();
        Path own = folder.resolve(NAME);
        Bytes key =
                new KeyFile(own.resolve(StrangerMain.KEY))
                        .loadOrCreate(Entropy.system())
                        .publicKey();
        Deployment other =
                Deployment.create(
                        folder.resolve("other-keys"),
                        "other",
                        Entropy.system(),
                        InstantSource.system());
        List<Grant.Right> rights = List.of(new Grant.Right(Rings.SCOPE, true, Devices.COLLECTIONS));
        Duration month = Rings.VALIDITY;
        Duration over = Duration.ofMillis(1);
        GrantText.write(
                own.resolve(StrangerMain.GRANT),
                deployment.grant(key, NAME, Grant.Role.DEVICE, rights, month, month));
        GrantText.write(
                own.resolve(StrangerMain.EXPIRED),
                deployment.grant(key, NAME, Grant.Role.DEVICE, rights, over, Duration.ZERO));
        GrantText.write(
                own.resolve(StrangerMain.FOREIGN),
                other.grant(key, NAME, Grant.Role.DEVICE, rights, month, month));
        List<String> command = new ArrayList<>(network.on(HERE));
        command.addAll(
                JavaProgram.command(
                        StrangerMain.class.getName(),
                        Rings.SMALL_OPTIONS,
                        List.of(
                                own.toString(),
                                deployment.caCertificate().toString(),
                                rings.edge(HERE).toString(),
                                rings.region(HERE).toString())));
        return new Stranger(command, folder.resolve("log").resolve(NAME + ".log"));
    }

    /** Has it do something; what came of it, without the last line. */
    List<String> ask(String work) {
        if (!child.send(work)) throw new DrillException("the stranger is gone:\n" + lastWords());
        List<String> lines = answers.await(line -> line.startsWith("end"), ANSWER_PATIENCE);
        if (!lines.getLast().equals("end"))
            throw new DrillException("the stranger failed: " + lines.getLast());
        return lines.subList(0, lines.size() - 1);
    }

    private String lastWords() {
        return child.lastWords();
    }

    @Override
    public void close() {
        child.close();
    }
}
