package dev.holdfast.node.settings;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount of data, written {@code 512}, {@code 64KiB}, {@code 20 MB}; {@code MiB} is 1,048,576 bytes, {@code MB} a million. */
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*([KMGT]?)(i?)B?", Pattern.CASE_INSENSITIVE);

    public ByteSize {
        if (bytes < 0) throw new IllegalArgumentException("a size below zero");
    }

    public static ByteSize ofMiB(long mebibytes) {
        return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    /**
     * @throws IllegalArgumentException when {@code text} is not a size
     */
    public static ByteSize parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException("a size such as 512KiB, 64MiB or 2GB");
        }
        int power = "KMGT".indexOf(form.group(2).toUpperCase(Locale.ROOT)) + 1;
        if (form.group(2).isEmpty()) power = 0;
        long unit = 1;
        for (int i = 0; i < power; i++) unit *= form.group(3).isEmpty() ? 1000 : 1024;
        try {
            return new ByteSize(Math.multiplyExact(Long.parseLong(form.group(1)), unit));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a size below 8 EiB", e);
        }
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
