package dev.holdfast.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Values of every kind, with the edges of each kind far more often than chance would bring them.
 */
public final class RandomValues {
    private static final long[] EDGES = {
        0, 23, 24, 255, 256, 65535, 65536, 1L << 32, (1L << 53) - 1, 1L << 53, Long.MAX_VALUE
    };
    private static final double[] FRACTIONS = {
        0.5, 1.5, 0.1, 65504.5, 0x1p-24, 0x1p-25, 0x1p-14, 3.3e38, 1e300, Double.MIN_VALUE, 0x1.8p53
    };
    private static final int[] POINTS = {
        0, 0x1f, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff
    };

    private RandomValues() {}

    public static Value value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> Value.NIL;
            case 1 -> Value.of(random.nextBoolean());
            case 2 -> Value.of(integer(random));
            case 3 -> Value.number(real(random));
            case 4, 5 -> Value.of(text(random));
            case 6 -> Value.of(bytes(random, random.nextInt(40)));
            case 7 -> {
                List<Value> items = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) items.add(value(random, depth - 1));
                yield new Value.Array(items);
            }
            default -> {
                Map<String, Value> fields = new TreeMap<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    fields.put(text(random), value(random, depth - 1));
                }
                yield new Value.Map(fields);
            }
        };
    }

    public static long integer(Random random) {
        long edge = EDGES[random.nextInt(EDGES.length)];
        return switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> edge;
            case 2 -> ~edge;
            default -> random.nextInt(100) - 50;
        };
    }

    public static double real(Random random) {
        double value =
                switch (random.nextInt(4)) {
                    case 0 -> Double.longBitsToDouble(random.nextLong());
                    case 1 -> Float.intBitsToFloat(random.nextInt());
                    case 2 -> FRACTIONS[random.nextInt(FRACTIONS.length)];
                    default -> random.nextInt(4096) / 64.0;
                };
        return Double.isFinite(value) ? (random.nextBoolean() ? value : -value) : 0.5;
    }

    public static String text(Random random) {
        if (random.nextInt(40) == 0) return "$".repeat(random.nextInt(4)) + "bytes";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            int point = POINTS[random.nextInt(POINTS.length)];
            text.appendCodePoint(random.nextBoolean() ? 'a' + random.nextInt(26) : point);
        }
        return text.toString();
    }

    public static Bytes bytes(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }
}
