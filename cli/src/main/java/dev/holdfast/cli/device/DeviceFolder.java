package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.device.DeviceSettings;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.node.settings.Default;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.tls.Authority;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A device of the shell in a folder: {@code store} (the documents and the key, one process at a
 * time), once it is enrolled {@code grant}, {@code ca.pem}, {@code grants.pub} and {@code
 * device.yaml}, and {@code schema.json} where its owner put one.
 *
 * @param folder of all of it
 */
public record DeviceFolder(Path folder) {
    /**
     * What {@code device.yaml} holds.
     *
     * @param scope in which commands work that name none
     * @param endpoints edges and regions, any of which will do
     * @param nameServers addresses of steer nodes, asked for the endpoints' addresses beside the
     *     machine's resolver
     */
    record Settings(String scope, List<URI> endpoints, @Default("") List<String> nameServers) {
        Settings {
            Scope.require(scope);
        }
    }

    Path store() {
        return folder.resolve("store");
    }

    public Path grantFile() {
        return folder.resolve("grant");
    }

    /** Makes the device's key, unless it has one; answers its public half. */
    public Bytes init(Entropy entropy) {
        return key().loadOrCreate(entropy).publicKey();
    }

    public boolean isInitialised() {
        return key().exists();
    }

    public boolean isEnrolled() {
        return Files.exists(settingsFile());
    }

    /**
     * Keeps what the device needs to reach others. The settings are written last: where they are,
     * all is.
     *
     * @param trust a folder with {@code ca.pem} and {@code grants.pub}
     */
    public void enrol(SignedGrant grant, Path trust, String scope, List<URI> endpoints) {
        PinnedTrust.load(trust.resolve(Authority.CA_CERTIFICATE));
        copy(trust, Authority.CA_CERTIFICATE);
        copy(trust, Deployment.GRANTS_PUBLIC);
        GrantText.write(grantFile(), grant);
        String yaml =
                "# Written by \"holdfast device init\"; change it as the network changes.\n"
                        + "scope: "
                        + Json.print(Value.of(scope))
                        + "\nendpoints: "
                        + endpoints.stream()
                                .map(each -> Json.print(Value.of(each.toString())))
                                .collect(Collectors.joining(", ", "[", "]"))
                        + "\n";
        DurableFile.write(
                settingsFile(),
                yaml.getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
    }

    /** What the device was enrolled with. */
    Settings settings() {
        if (!isEnrolled()) {
            throw new Failure(
                    "the device in " + folder + " is not enrolled",
                    isInitialised() ? "it has a key, but no grant" : "there is no device there",
                    "holdfast device init --help, or name another device with --store");
        }
        return SettingsFile.load(settingsFile(), Settings.class);
    }

    /** How the SDK is to open it, to work offline. */
    DeviceSettings deviceSettings() {
        DeviceSettings offline =
                DeviceSettings.in(store())
                        .withAuthorities(authorities().toArray(Bytes[]::new))
                        .withGrant(grantFile());
        return Files.exists(schemaFile()) ? offline.withSchema(read(schemaFile())) : offline;
    }

    /** The same, in touch with others. */
    DeviceSettings online(DeviceSettings offline, List<URI> endpoints) {
        return offline.withEndpoints(endpoints)
                .withNameServers(settings().nameServers().toArray(String[]::new))
                .withCa(folder.resolve(Authority.CA_CERTIFICATE));
    }

    SignedGrant grant() {
        return GrantText.read(grantFile());
    }

    /** The raw keys that may sign grants. */
    private Set<Bytes> authorities() {
        Path file = folder.resolve(Deployment.GRANTS_PUBLIC);
        return read(file)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .map(Bytes::fromHex)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** By which documents are written and shown, where there is one. */
    private Path schemaFile() {
        return folder.resolve("schema.json");
    }

    private Path settingsFile() {
        return folder.resolve("device.yaml");
    }

    private KeyFile key() {
        return new KeyFile(store().resolve("replica.key"));
    }

    private void copy(Path from, String name) {
        DurableFile.write(
                folder.resolve(name),
                read(from.resolve(name)).getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new KeysException("Cannot read " + file, e);
        }
    }
}
