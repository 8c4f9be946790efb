package dev.holdfast.node.grants;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.http.NodeEndpoints;
import dev.holdfast.node.settings.SettingsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node knows to be revoked: the newest list that an authority signed and anybody handed
 * over, in a file of its own. Thread-safe.
 *
 * <p>Where that file cannot be read, or its authority is trusted no more, the node starts without
 * it and says so: whoever can damage it could delete it as well, and an edge that does not start
 * stops a clinic. The next node that it reaches gives it the list again.
 */
public final class Revocations {
    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);

    /** Of the list, in a node's data folder. */
    private static final String FILE = "revoked";

    private final Path file;
    private final Set<Bytes> authorities;
    private final Verifier verifier;
    private final ReentrantLock taking = new ReentrantLock();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Optional<SignedRevocations> newest = Optional.empty();
    private volatile Optional<String> trouble = Optional.empty();

    private Revocations(Path file, Set<Bytes> authorities, Verifier verifier) {
        this.file = file;
        this.authorities = Set.copyOf(authorities);
        this.verifier = verifier;
    }

    /**
     * Reads what was kept.
     *
     * @param data the node's folder
     * @param authorities the raw keys that may sign a list: those that sign grants
     */
    public static Revocations open(Path data, Set<Bytes> authorities, Verifier verifier) {
        Revocations opened = new Revocations(data.resolve(FILE), authorities, verifier);
        if (!Files.exists(opened.file)) return opened;
        try {
            opened.newest = Optional.of(SignedRevocations.load(opened.file, authorities, verifier));
        } catch (SettingsException e) {
            LOG.error("it is not known what is revoked until a node tells: {}", e.getMessage());
            opened.trouble = Optional.of("not known until a node tells: " + e.getMessage());
        }
        return opened;
    }

    /** The list in force, as it was signed; empty while nothing was ever revoked. */
    public Optional<SignedRevocations> newest() {
        return newest;
    }

    /** The list in force. */
    public RevocationList list() {
        return newest.map(SignedRevocations::list).orElse(RevocationList.NONE);
    }

    /** Why a grant counts no more, if it was revoked. */
    public Optional<Revocation> of(SignedGrant grant) {
        return list().of(grant);
    }

    /**
     * Takes a list that is newer than the one in force, and has it on disk when this returns.
     *
     * @param origin who handed it over, for problems and the log
     * @return whether it was newer
     * @throws SettingsException when it is not in form, or no authority's
     * @throws dev.holdfast.keys.KeysException when it cannot be kept; it is not in force then
     */
    public boolean take(String text, String origin) {
        SignedRevocations handed = SignedRevocations.parse(text, origin, authorities, verifier);
        taking.lock();
        try {
            if (handed.list().serial() <= list().serial()) return false;
            DurableFile.write(
                    file, text.getBytes(StandardCharsets.UTF_8), DurableFile.Readers.OWNER);
            newest = Optional.of(handed);
            trouble = Optional.empty();
        } finally {
            taking.unlock();
        }
        LOG.info("revoked, by {}: {}", origin, words());
        listeners.forEach(Runnable::run);
        return true;
    }

    /** Has {@code listener} run after each list that came into force. It must not block. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** For people who ask whether the node is ready. */
    public NodeEndpoints.Fact fact() {
        return new NodeEndpoints.Fact("revoked", this::words);
    }

    private String words() {
        Optional<String> why = trouble;
        if (why.isPresent()) return why.get();
        RevocationList list = list();
        if (list.serial() == 0) return "nothing";
        int keys = list.revoked().size();
        return keys + (keys == 1 ? " key" : " keys") + ", serial " + list.serial();
    }

    /** The same for an operator, with the newest {@code most} of them. */
    public Map<String, Object> told(int most) {
        RevocationList list = list();
        List<Object> listed = new ArrayList<>();
        for (Revocation each : list.newest(most)) listed.add(each.told());
        Map<String, Object> told = new TreeMap<>();
        told.put("serial", list.serial());
        told.put("count", list.revoked().size());
        told.put("listed", listed);
        trouble.ifPresent(why -> told.put("trouble", why));
        return told;
    }
}
