package dev.holdfast.drill.report;

/** Something that befell the rings, at a time or for a time, in milliseconds since the start. */
public sealed interface Mark {
    /** Such as {@code border cut}; marks of the same words are shown together. */
    String words();

    long fromMillis();

    long toMillis();

    /** What takes no time, such as a kill. */
    record Moment(String words, long atMillis) implements Mark {
        @Override
        public long fromMillis() {
            return atMillis;
        }

        @Override
        public long toMillis() {
            return atMillis;
        }
    }

    /** What lasts, such as a cut. */
    record Span(String words, long fromMillis, long toMillis) implements Mark {}
}
