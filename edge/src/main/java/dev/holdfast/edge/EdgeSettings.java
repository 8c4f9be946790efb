package dev.holdfast.edge;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.node.backbone.BackboneSettings;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.Default;
import dev.holdfast.node.sync.SyncSettings;
import dev.holdfast.node.tls.TlsSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How an edge runs.
 *
 * @param data the folder that it owns
 * @param http where it listens, and what it bears
 * @param tls its certificate, and the deployment's CA
 * @param authorities files with the public keys that may sign grants, in hexadecimal; two while one
 *     replaces the other
 * @param grant the file with the edge's own grant, as {@code holdfast grant} or {@code keys} writes
 *     it
 * @param replicaKey the key that the grant is for; taken into the data folder at the first start.
 *     Without one the edge makes a key there, and the grant must be for that
 * @param regions addresses of the regions, in any order; none while there is none
 * @param scopes those that it serves; {@code *} for every one that a grant names
 * @param retainUntil up to which level it answers for what it took in
 * @param maxStore the size of the store beyond which it takes in no more
 * @param witness the file of the store's witness; elsewhere than in the data folder where that is
 *     backed up whole
 * @param backbone its part in the backbone, by which it then reaches regions that are members
 * @param site a folder whose files it serves as a web site, such as an application's; as they are
 *     when it starts
 * @param console a folder with the console's pages, which it serves to operators under {@code
 *     /console}
 */
public record EdgeSettings(
        Path data,
        HttpSettings http,
        TlsSettings tls,
        List<Path> authorities,
        Path grant,
        Optional<Path> replicaKey,
        @Default("") List<URI> regions,
        @Default("") List<String> scopes,
        @Default("applied") Durability retainUntil,
        @Default("20GiB") ByteSize maxStore,
        @Default("") SyncSettings sync,
        Optional<Path> witness,
        Optional<BackboneSettings> backbone,
        Optional<Path> site,
        Optional<Path> console) {

    public EdgeSettings {
        if (authorities.isEmpty())
            throw new IllegalArgumentException(
                    "authorities names at least one file, such as grants.pub");
        for (URI region : regions) {
            if (!"https".equals(region.getScheme()) || region.getHost() == null)
                throw new IllegalArgumentException("a region is https://host:port, not " + region);
        }
        for (String scope : scopes) {
            if (!scope.equals(Grant.ANY) && !Scope.isValid(scope))
                throw new IllegalArgumentException("no scope has the name \"" + scope + "\"");
        }
        if (!retainUntil.reaches(Durability.REGION))
            throw new IllegalArgumentException(
                    "retain-until is region, applied or global: before that nobody else has it");
        if (maxStore.bytes() < 1 << 20)
            throw new IllegalArgumentException("max-store is at least 1MiB");
    }

    /**
     * What an edge needs that was given one folder by {@code holdfast keys node}.
     *
     * @param node that folder
     */
    public static EdgeSettings of(Path data, Path node, HttpSettings http, List<URI> regions) {
        return new EdgeSettings(
                data,
                http,
                TlsSettings.in(node),
                List.of(node.resolve("grants.pub")),
                node.resolve("grant"),
                Optional.of(node.resolve("replica.key")),
                regions,
                List.of(),
                Durability.APPLIED,
                ByteSize.ofMiB(20 << 10),
                SyncSettings.DEFAULT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public EdgeSettings withMaxStore(ByteSize size) {
        return new EdgeSettings(
                data,
                http,
                tls,
                authorities,
                grant,
                replicaKey,
                regions,
                scopes,
                retainUntil,
                size,
                sync,
                witness,
                backbone,
                site,
                console);
    }

    public EdgeSettings withRegions(List<URI> others) {
        return new EdgeSettings(
                data,
                http,
                tls,
                authorities,
                grant,
                replicaKey,
                others,
                scopes,
                retainUntil,
                maxStore,
                sync,
                witness,
                backbone,
                site,
                console);
    }

    boolean serves(String scope) {
        return scopes.isEmpty() || scopes.contains(Grant.ANY) || scopes.contains(scope);
    }
}
