package dev.holdfast.drill.sim;

/** A guarantee that does not hold. */
final class Broken extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final Invariant invariant;

    Broken(Invariant invariant, String what) {
        super(invariant.text() + ": " + what);
        this.invariant = invariant;
    }

    Invariant invariant() {
        return invariant;
    }
}
