package dev.holdfast.drill.faults;

import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.JavaProgram;
import dev.holdfast.drill.rings.Answers;
import dev.holdfast.drill.rings.Devices;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A {@link GatewayMain} from outside: it runs on the devices' machine and writes at the edge. */
final class Gateway implements AutoCloseable {
    static final String NAME = "gateway";

    private static final Host HERE = Host.DEVICE_A;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Answers answers = new Answers();
    private final Child child;

    /** Starts it, with a grant for as long as the devices'. */
    Gateway(Scene scene) {
        Rings rings = scene.rings();
        Path folder = rings.folder();
        Path grant = folder.resolve(NAME + ".grant");
        KeyFile key = new KeyFile(folder.resolve(NAME).resolve("replica.key"));
        GrantText.write(
                grant,
                rings.deployment()
                        .grant(
                                key.loadOrCreate(Entropy.system()).publicKey(),
                                NAME,
                                Grant.Role.DEVICE,
                                List.of(new Grant.Right(Rings.SCOPE, true, Devices.COLLECTIONS)),
                                Rings.VALIDITY,
                                Rings.VALIDITY));
        List<String> command = new ArrayList<>(scene.network().on(HERE));
        command.addAll(
                JavaProgram.command(
                        GatewayMain.class.getName(),
                        Rings.SMALL_OPTIONS,
                        List.of(
                                rings.edge(HERE).toString(),
                                rings.deployment().caCertificate().toString(),
                                grant.toString())));
        child =
                Child.start(
                        NAME,
                        command,
                        folder.resolve("log").resolve(NAME + ".log"),
                        "ready"::equals,
                        line -> {
                            scene.ledger().heard(NAME, line);
                            if (line.equals("done") || line.startsWith("failed "))
                                answers.heard(line);
                        });
        child.awaitReady(PATIENCE);
    }

    /** Sets a patient's telephone number; empty where the edge took it, else what it said. */
    String put(String patient, String value) {
        answers.clear();
        if (!child.send("put " + patient + " " + value))
            throw new DrillException("the gateway's caller is gone:\n" + child.lastWords());
        String last = answers.await(line -> true, PATIENCE).getLast();
        return last.equals("done") ? "" : last;
    }

    @Override
    public void close() {
        child.close();
    }
}
