package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.node.sync.Backend;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ingest of a region that has others: one of them that follows a scope here has it, so that it
 * is to be followed there. Thread-safe.
 */
public final class MirrorBackend implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorBackend.class);

    private final Ingest ingest;
    private final Mirror mirror;
    private final KnownScopes scopes;

    public MirrorBackend(Ingest ingest, Mirror mirror, KnownScopes scopes) {
        this.ingest = ingest;
        this.mirror = mirror;
        this.scopes = scopes;
    }

    @Override
    public void subscribed(String scope, SignedGrant client) {
        if (client.grant().role() != Grant.Role.REGION) return;
        try {
            mirror.heard(scope, client.replica());
        } catch (StoreException e) {
            // This process knows; others hear of it when that region subscribes anew.
            LOG.debug("scope {}: it cannot be noted now that {} has it", scope, client.replica());
        }
        scopes.add(scope);
    }

    @Override
    public Session.Server server() {
        return ingest.server();
    }

    @Override
    public Session.Event.Looked looked(Message.Subscribe ask) {
        return ingest.looked(ask);
    }

    @Override
    public Session.Event.Kept keep(Session.Action.Keep keep) {
        return ingest.keep(keep);
    }

    @Override
    public Session.Event.FeedRead read(Session.Action.ReadFeed read) {
        Session.Event.FeedRead page = ingest.read(read);
        ReplicaId region = read.region();
        return region == null ? page : mirror.without(page, region);
    }

    @Override
    public Bytes sign(Bytes text) {
        return ingest.sign(text);
    }
}
