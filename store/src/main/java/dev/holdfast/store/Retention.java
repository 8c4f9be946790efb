package dev.holdfast.store;

/**
 * Which batches' bytes a store keeps. Their heads (sequence numbers and hashes), the contexts and
 * the documents are kept for ever whatever this says.
 */
public enum Retention {
    /**
     * A device: the bytes of what was written here, until they leave the outbox. Those of
     * downloaded batches are never stored, since nobody asks a device for them.
     */
    OWN_UNCONFIRMED,

    /** An edge: all bytes, for those who follow its feed from any place. */
    ALL
}
