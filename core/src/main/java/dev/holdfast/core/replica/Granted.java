package dev.holdfast.core.replica;

import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The grants of one replica, the last one given first. Grants add up: none is taken back by
 * another, each counts until it ends, and what was written under one stays readable for ever. So a
 * grant is kept until another covers it.
 *
 * <p>At most {@link Limits#GRANTS_PER_REPLICA} are kept; beyond that, the one given first goes.
 */
public record Granted(List<SignedGrant> all) {
    public Granted {
        if (all.isEmpty()) throw new IllegalArgumentException("no grant at all");
        all = List.copyOf(all);
    }

    public static Granted of(SignedGrant grant) {
        return new Granted(List.of(grant));
    }

    /** By replica, each one's in their order; of more than are kept, the first. */
    public static Map<ReplicaId, Granted> byReplica(List<SignedGrant> grants) {
        Map<ReplicaId, List<SignedGrant>> sorted = new HashMap<>();
        for (SignedGrant grant : grants)
            sorted.computeIfAbsent(grant.replica(), none -> new ArrayList<>()).add(grant);
        Map<ReplicaId, Granted> granted = new HashMap<>();
        sorted.forEach((replica, all) -> granted.put(replica, new Granted(first(all))));
        return granted;
    }

    /** The one given last. */
    public SignedGrant newest() {
        return all.get(0);
    }

    /**
     * These and, before them, what of {@code later} they do not cover: that somebody shows an old
     * one again changes nothing.
     */
    public Granted with(Granted later) {
        if (all.containsAll(later.all)) return this;
        List<SignedGrant> news = new ArrayList<>();
        for (SignedGrant grant : later.all) if (!isCovered(grant)) news.add(grant);
        return news.isEmpty() ? this : before(news);
    }

    /** These, with {@code grant} as the one given last, whatever they cover. */
    public Granted ledBy(SignedGrant grant) {
        return before(List.of(grant));
    }

    private Granted before(List<SignedGrant> first) {
        List<SignedGrant> kept = new ArrayList<>(first);
        Granted later = new Granted(first);
        for (SignedGrant grant : all) if (!later.isCovered(grant)) kept.add(grant);
        return new Granted(first(kept));
    }

    private static List<SignedGrant> first(List<SignedGrant> grants) {
        return grants.subList(0, Math.min(grants.size(), Limits.GRANTS_PER_REPLICA));
    }

    private boolean isCovered(SignedGrant grant) {
        for (SignedGrant one : all) if (covers(one.grant(), grant.grant())) return true;
        return false;
    }

    /**
     * The grant that {@code batch} is to be judged by: of those that allow it, time apart, the one
     * that counts longest; where none does, the newest.
     */
    public SignedGrant judging(Batch batch) {
        if (all.size() == 1) return newest();
        SignedGrant best = null;
        for (SignedGrant grant : all) {
            boolean later = best == null || end(grant.grant()) > end(best.grant());
            if (later && Admission.judge(batch, grant) == null) best = grant;
        }
        return best == null ? newest() : best;
    }

    /** Whether one of them lets its holder write all of a transaction. */
    boolean allows(String scope, Transaction transaction) {
        for (SignedGrant one : all)
            if (Admission.allows(one.grant(), scope, transaction)) return true;
        return false;
    }

    /** Whether whatever {@code other} allows, {@code grant} does, and as long. */
    private static boolean covers(Grant grant, Grant other) {
        if (grant.role() != other.role() || end(grant) < end(other)) return false;
        for (Grant.Right right : other.rights()) {
            if (!grant.names(right.scope())) return false;
            if (right.read() && !grant.mayRead(right.scope())) return false;
            for (String collection : right.write())
                if (!grant.mayWrite(right.scope(), collection)) return false;
        }
        return true;
    }

    private static long end(Grant grant) {
        return grant.notAfterMillis() + grant.offlineGraceMillis();
    }
}
