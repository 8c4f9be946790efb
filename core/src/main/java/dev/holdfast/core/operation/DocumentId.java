package dev.holdfast.core.operation;

/** A document within its scope. */
public record DocumentId(String collection, String id) implements Comparable<DocumentId> {
    @Override
    public int compareTo(DocumentId other) {
        int order = collection.compareTo(other.collection);
        return order != 0 ? order : id.compareTo(other.id);
    }
}
