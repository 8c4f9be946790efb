package dev.holdfast.cli.trust;

import dev.holdfast.keys.Entropy;
import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Option;

/** The option that names the deployment a command works on. */
public final class DeploymentOption {
    static final String DEFAULT = "data/keys";

    @Option(
            names = "--keys",
            paramLabel = "FOLDER",
            defaultValue = DEFAULT,
            description = "The deployment's folder (default: ${DEFAULT-VALUE}).")
    private Path folder = Path.of(DEFAULT);

    public Path folder() {
        return folder;
    }

    public Deployment open() {
        return Deployment.open(folder, Entropy.system(), InstantSource.system());
    }
}
