package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes something else of valid bytes, or of valid text: seeded, and now and then a lot. */
final class Mutator {
    private static final byte[] HEADS =
            Bytes.fromHex("00171818191a1b1f203b405b5f607b7f80819b9fa0bbbfc0f4f5f6f7f9fafbff")
                    .toArray();

    private static final List<String> WORDS =
            List.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "\\",
                    "\\u",
                    "\\ud800",
                    "\\udc00",
                    "\\u0000",
                    "\\uff11",
                    "\ud83d",
                    "\udc00",
                    "\u0000",
                    "\u0661",
                    "-",
                    "-0",
                    "0",
                    "00",
                    "1e400",
                    "1e-400",
                    "1E+9",
                    ".5",
                    "1.",
                    "9223372036854775808",
                    "-9223372036854775809",
                    "9007199254740993",
                    "0.1",
                    "null",
                    "true",
                    "nul",
                    "{\"$bytes\":\"\uff10\uff11\"}",
                    "{\"$bytes\":\"00\"}",
                    "\"$bytes\"",
                    "\"$$bytes\"",
                    "\"a\":1,\"a\":2",
                    "[[[[[[[[",
                    "{\"a\":",
                    "NaN",
                    "Infinity",
                    "\u00a0",
                    "\ufeff");

    private final Random dice;

    Mutator(Random dice) {
        this.dice = dice;
    }

    /** Of {@code base}, with parts of {@code other}: sometimes left as it is. */
    Bytes bytes(Bytes base, Bytes other) {
        Bytes mutated = base;
        int way = dice.nextInt(20);
        if (way < 12) mutated = structure(mutated, other);
        if (way >= 10 && way < 19) mutated = plain(mutated, other);
        return mutated;
    }

    private Bytes structure(Bytes base, Bytes other) {
        CborTree tree = CborTree.of(base);
        CborTree from = CborTree.of(other);
        if (tree == null || from == null) return plain(base, other);
        for (int i = times(); i > 0; i--) tree.mutate(from, dice);
        return tree.encoded();
    }

    private Bytes plain(Bytes base, Bytes other) {
        byte[] bytes = base.toArray();
        for (int i = times(); i > 0; i--) bytes = plain(bytes, other.toArray());
        return Bytes.wrap(bytes);
    }

    private byte[] plain(byte[] bytes, byte[] other) {
        if (bytes.length == 0) return other;
        int at = dice.nextInt(bytes.length);
        int count = Math.min(bytes.length - at, 1 + dice.nextInt(8));
        return switch (dice.nextInt(9)) {
            case 0 -> {
                bytes[at] ^= (byte) (1 << dice.nextInt(8));
                yield bytes;
            }
            case 1 -> {
                bytes[at] = HEADS[dice.nextInt(HEADS.length)];
                yield bytes;
            }
            case 2 -> join(Arrays.copyOf(bytes, at), random(1 + dice.nextInt(9)), bytes, at);
            case 3 -> join(Arrays.copyOf(bytes, at), new byte[0], bytes, at + count);
            case 4 -> join(Arrays.copyOf(bytes, at + count), new byte[0], bytes, at);
            case 5 -> Arrays.copyOf(bytes, at);
            case 6 -> join(bytes, new byte[0], other, dice.nextInt(other.length + 1));
            case 7 -> {
                int cut = dice.nextInt(other.length + 1);
                yield join(Arrays.copyOf(bytes, at), new byte[0], other, cut);
            }
            default -> {
                byte[] said = {HEADS[dice.nextInt(HEADS.length)], -1, -1, -1, -1, -1, -1, -1, -1};
                int length = 1 + dice.nextInt(said.length);
                yield join(Arrays.copyOf(bytes, at), Arrays.copyOf(said, length), bytes, at);
            }
        };
    }

    String text(String base, String other) {
        StringBuilder text = new StringBuilder(base);
        for (int i = times() - 1; i > 0; i--) {
            int at = dice.nextInt(text.length() + 1);
            int to = Math.min(text.length(), at + 1 + dice.nextInt(4));
            switch (dice.nextInt(6)) {
                case 0, 1 -> text.insert(at, WORDS.get(dice.nextInt(WORDS.size())));
                case 2 -> text.delete(at, to);
                case 3 -> text.replace(at, to, WORDS.get(dice.nextInt(WORDS.size())));
                case 4 -> text.setLength(at);
                default -> text.insert(at, other, 0, dice.nextInt(other.length() + 1));
            }
        }
        return text.toString();
    }

    private int times() {
        int times = 1;
        while (times < 12 && dice.nextInt(3) == 0) times++;
        return times;
    }

    private byte[] random(int size) {
        byte[] bytes = new byte[size];
        dice.nextBytes(bytes);
        return bytes;
    }

    private static byte[] join(byte[] before, byte[] between, byte[] after, int from) {
        int rest = Math.max(0, after.length - from);
        byte[] joined = Arrays.copyOf(before, before.length + between.length + rest);
        System.arraycopy(between, 0, joined, before.length, between.length);
        System.arraycopy(after, after.length - rest, joined, before.length + between.length, rest);
        return joined;
    }
}
