package dev.holdfast.region.store;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;

/** The keys of rows within scopes. */
final class Row {
    private Row() {}

    record OfReplica(String scope, ReplicaId replica) implements Comparable<OfReplica> {
        @Override
        public int compareTo(OfReplica other) {
            int order = scope.compareTo(other.scope);
            return order != 0 ? order : replica.compareTo(other.replica);
        }
    }

    record OfDot(String scope, Dot dot) implements Comparable<OfDot> {
        @Override
        public int compareTo(OfDot other) {
            int order = scope.compareTo(other.scope);
            return order != 0 ? order : dot.compareTo(other.dot);
        }
    }

    record OfDocument(String scope, DocumentId id) implements Comparable<OfDocument> {
        @Override
        public int compareTo(OfDocument other) {
            int order = scope.compareTo(other.scope);
            return order != 0 ? order : id.compareTo(other.id);
        }
    }
}
