package dev.holdfast.device;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.store.link.LinkTimes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a device is opened. Immutable; begin with {@link #in} and add what is known. A folder is
 * enough to work offline; to be in touch with others a device needs endpoints, the deployment's CA,
 * the authority's key and a grant.
 */
public final class DeviceSettings {
    private static final int MAX_GRANT_CHARS = 2 * Limits.GRANT_BYTES;
    private static final int DNS_PORT = 53;
    private static final Pattern NAME_SERVER =
            Pattern.compile("([0-9.]+|\\[[0-9a-fA-F:.]+])(?::([0-9]{1,5}))?");

    private final Path folder;
    private final Schema schema;
    private final List<URI> endpoints;
    private final @Nullable PinnedTrust trust;
    private final Set<Bytes> authorities;
    private final @Nullable SignedGrant grant;
    private final Durability retainUntil;
    private final LinkTimes times;
    private final List<InetSocketAddress> nameServers;

    private DeviceSettings(
            Path folder,
            Schema schema,
            List<URI> endpoints,
            @Nullable PinnedTrust trust,
            Set<Bytes> authorities,
            @Nullable SignedGrant grant,
            Durability retainUntil,
            LinkTimes times,
            List<InetSocketAddress> nameServers) {
        this.folder = folder;
        this.schema = schema;
        this.endpoints = List.copyOf(endpoints);
        this.trust = trust;
        this.authorities = Set.copyOf(authorities);
        this.grant = grant;
        this.retainUntil = retainUntil;
        this.times = times;
        this.nameServers = List.copyOf(nameServers);
    }

    /** A device that keeps everything in {@code folder}, which it makes if it must. */
    public static DeviceSettings in(Path folder) {
        return new DeviceSettings(
                folder,
                Schema.EMPTY,
                List.of(),
                null,
                Set.of(),
                null,
                Durability.APPLIED,
                LinkTimes.DEFAULT,
                List.of());
    }

    /**
     * What is to be known of the collections: kinds, policies, indexes; see {@link Schema}.
     *
     * @param json such as {@code {"patients": {"fields": {"visits": {"kind": "counter"}},
     *     "indexes": ["name"]}}}
     * @throws MalformedException saying what is wrong where
     */
    public DeviceSettings withSchema(String json) {
        return withSchema(Schema.parse(json));
    }

    public DeviceSettings withSchema(Schema other) {
        return new DeviceSettings(
                folder,
                other,
                endpoints,
                trust,
                authorities,
                grant,
                retainUntil,
                times,
                nameServers);
    }

    /** Base addresses of edges or regions, such as {@code https://edge.clinic.example:8443}. */
    public DeviceSettings withEndpoints(String... addresses) {
        return withEndpoints(List.of(addresses).stream().map(URI::create).toList());
    }

    public DeviceSettings withEndpoints(List<URI> addresses) {
        return new DeviceSettings(
                folder,
                schema,
                addresses,
                trust,
                authorities,
                grant,
                retainUntil,
                times,
                nameServers);
    }

    /** The deployment's CA, in PEM: no other is believed. */
    public DeviceSettings withCa(byte[] pem) {
        return withTrust(PinnedTrust.ofPem(pem, "the CA given"));
    }

    /** The same from a file. */
    public DeviceSettings withCa(Path pem) {
        return withTrust(PinnedTrust.load(pem));
    }

    private DeviceSettings withTrust(PinnedTrust other) {
        return new DeviceSettings(
                folder,
                schema,
                endpoints,
                other,
                authorities,
                grant,
                retainUntil,
                times,
                nameServers);
    }

    /** The raw public keys, 32 bytes each, of those who may sign grants. */
    public DeviceSettings withAuthorities(Bytes... publicKeys) {
        return new DeviceSettings(
                folder,
                schema,
                endpoints,
                trust,
                Set.of(publicKeys),
                grant,
                retainUntil,
                times,
                nameServers);
    }

    /** What this device may do. */
    public DeviceSettings withGrant(SignedGrant other) {
        return new DeviceSettings(
                folder,
                schema,
                endpoints,
                trust,
                authorities,
                other,
                retainUntil,
                times,
                nameServers);
    }

    /**
     * The same from its text form, one line of base64url, which {@code holdfast grant} prints.
     *
     * @throws MalformedException when it is no grant
     */
    public DeviceSettings withGrant(String text) {
        try {
            return withGrant(
                    SignedGrant.decode(Bytes.wrap(Base64.getUrlDecoder().decode(text.strip()))));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("a grant is one line of base64url");
        }
    }

    /** The same from a file. */
    public DeviceSettings withGrant(Path file) {
        try {
            if (Files.size(file) > MAX_GRANT_CHARS) {
                throw new DeviceException("The file " + file + " is too long for a grant");
            }
            return withGrant(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new DeviceException("Cannot read the grant in " + file + ": " + e, e);
        } catch (MalformedException e) {
            throw new DeviceException("The file " + file + " holds no grant: " + e.getMessage(), e);
        }
    }

    /**
     * How durable a write must be before this device gives it up; APPLIED unless said, GLOBAL where
     * there is a second region.
     */
    public DeviceSettings withRetainUntil(Durability level) {
        return new DeviceSettings(
                folder, schema, endpoints, trust, authorities, grant, level, times, nameServers);
    }

    /** How patient the link is. */
    public DeviceSettings withTimes(LinkTimes other) {
        return new DeviceSettings(
                folder,
                schema,
                endpoints,
                trust,
                authorities,
                grant,
                retainUntil,
                other,
                nameServers);
    }

    /**
     * The deployment's own name servers, by address, such as {@code 203.0.113.53} or {@code
     * [2001:db8::53]:5353}: asked for the endpoints' addresses beside the machine's resolver, so
     * that endpoints are found where that is dead or lies.
     *
     * @throws IllegalArgumentException where one is no address
     */
    public DeviceSettings withNameServers(String... addresses) {
        return withNameServers(
                List.of(addresses).stream().map(DeviceSettings::nameServer).toList());
    }

    /** The same, parsed already. */
    public DeviceSettings withNameServers(List<InetSocketAddress> servers) {
        return new DeviceSettings(
                folder, schema, endpoints, trust, authorities, grant, retainUntil, times, servers);
    }

    private static InetSocketAddress nameServer(String text) {
        Matcher parts = NAME_SERVER.matcher(text);
        String host = parts.matches() ? parts.group(1) : null;
        if (host == null)
            throw new IllegalArgumentException(
                    "a name server is an address, 203.0.113.53 or [2001:db8::53]:5353, not "
                            + text);
        String port = parts.group(2);
        try {
            // With nothing but digits, dots and colons no resolver is asked.
            return new InetSocketAddress(
                    InetAddress.getByName(host), port == null ? DNS_PORT : Integer.parseInt(port));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text + " is no address", e);
        }
    }

    public Path folder() {
        return folder;
    }

    public Schema schema() {
        return schema;
    }

    public List<URI> endpoints() {
        return endpoints;
    }

    public Set<Bytes> authorities() {
        return authorities;
    }

    public Optional<SignedGrant> grant() {
        return Optional.ofNullable(grant);
    }

    public Durability retainUntil() {
        return retainUntil;
    }

    Optional<PinnedTrust> trust() {
        return Optional.ofNullable(trust);
    }

    LinkTimes times() {
        return times;
    }

    List<InetSocketAddress> nameServers() {
        return nameServers;
    }
}
