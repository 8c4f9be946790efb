package dev.holdfast.node.settings;

import java.util.Locale;

/**
 * An amount of data, written {@code 512}, {@code 64KiB}, {@code 20 MB}; {@code MiB} is 1,048,576
 * bytes, {@code MB} a million.
 */
public record ByteSize(long bytes) {
    private static final String FORM = "a size such as 512KiB, 64MiB or 2GB";

    public ByteSize {
        if (bytes < 0) throw new IllegalArgumentException("a size below zero");
    }

    public static ByteSize ofMiB(long mebibytes) {
        return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    /**
     * Reads a size.
     *
     * @throws IllegalArgumentException when {@code text} is none; the message says what one is
     */
    public static ByteSize parse(String text) {
        String form = text.strip();
        int digits = 0;
        while (digits < form.length() && Character.digit(form.charAt(digits), 10) >= 0) digits++;
        if (digits == 0 || digits > 15) throw new IllegalArgumentException(FORM);
        long count = Long.parseLong(form.substring(0, digits));
        try {
            return new ByteSize(Math.multiplyExact(count, unit(form.substring(digits).strip())));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(FORM, e);
        }
    }

    private static long unit(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "", "b" -> 1;
            case "k", "kb" -> 1_000;
            case "m", "mb" -> 1_000_000;
            case "g", "gb" -> 1_000_000_000;
            case "t", "tb" -> 1_000_000_000_000L;
            case "ki", "kib" -> 1L << 10;
            case "mi", "mib" -> 1L << 20;
            case "gi", "gib" -> 1L << 30;
            case "ti", "tib" -> 1L << 40;
            default -> throw new IllegalArgumentException(FORM);
        };
    }

    /** The size as an array's length. */
    public int toIntExact() {
        return Math.toIntExact(bytes);
    }

    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        long rest = bytes;
        int unit = 0;
        while (unit < 4 && rest >= 1024 && rest % 1024 == 0) {
            rest /= 1024;
            unit++;
        }
        return rest + units[unit];
    }
}
