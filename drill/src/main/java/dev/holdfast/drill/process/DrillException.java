package dev.holdfast.drill.process;

/** What a drill itself could not do: start a process, make a network, cut a link, read a store. */
public final class DrillException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DrillException(String what) {
        super(what);
    }

    public DrillException(String what, Throwable cause) {
        super(what, cause);
    }
}
