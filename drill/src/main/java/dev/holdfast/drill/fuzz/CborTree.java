package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborWriter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Encoded CBOR taken apart, so that a mutation of something deep inside leaves all around it in
 * form. A byte string that is CBOR itself, as bodies and grants are, is taken apart as well. What
 * is written need not be in form: a head can be longer than it must be, and lie.
 */
final class CborTree {
    private static final long[] EDGES = {
        0,
        1,
        23,
        24,
        255,
        256,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        (1L << 46) - 1,
        1L << 46,
        (1L << 53) - 1,
        1L << 53,
        (1L << 62) - 1,
        1L << 62,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE
    };

    /** Floats that are none, infinite, negative zero, whole, or longer than they must be. */
    private static final List<String> FLOATS =
            List.of(
                    "f97c00",
                    "f9fc00",
                    "f97e00",
                    "f98000",
                    "f90000",
                    "f93c00",
                    "f90001",
                    "fa7fc00000",
                    "fa47c35000",
                    "fa3dcccccd",
                    "fb7ff8000000000000",
                    "fb3ff199999999999a",
                    "fb8000000000000000",
                    "fb7fefffffffffffff",
                    "fb43e0000000000000",
                    "fb0000000000000001",
                    "f8ff",
                    "f7",
                    "ff");

    private static final List<String> BAD_TEXT =
            List.of("c080", "eda080", "edb080", "f4908080", "ff", "e282", "f09f98", "80");

    private static final int DEEP = 40;

    private static final class Item {
        final int major;
        long argument;

        /** Content of a string, or all of a simple value. */
        byte[] bytes = {};

        final List<Item> items = new ArrayList<>();
        boolean isEmbedding;

        /** Written longer than need be, by so many steps. */
        int widened;

        /** Added to the length that is said. */
        long lie;

        Item(int major) {
            this.major = major;
        }

        Item copy() {
            Item copy = new Item(major);
            copy.argument = argument;
            copy.bytes = bytes;
            items.forEach(item -> copy.items.add(item.copy()));
            copy.isEmbedding = isEmbedding;
            return copy;
        }
    }

    private final List<Item> roots;

    private CborTree(List<Item> roots) {
        this.roots = roots;
    }

    /** Null where {@code encoded} is no sequence of CBOR items as this project writes them. */
    static @Nullable CborTree of(Bytes encoded) {
        List<Item> roots = new Parser(encoded.toArray()).all();
        return roots == null ? null : new CborTree(roots);
    }

    Bytes encoded() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        roots.forEach(item -> write(item, out));
        return Bytes.wrap(out.toByteArray());
    }

    /** Changes something in it; parts of {@code other} may come in. */
    void mutate(CborTree other, Random dice) {
        List<Item> all = all();
        if (all.isEmpty()) return;
        Item item = all.get(dice.nextInt(all.size()));
        switch (dice.nextInt(12)) {
            case 0 -> item.lie = dice.nextBoolean() ? dice.nextInt(5) - 2 : edge(dice);
            case 1 -> item.widened = 1 + dice.nextInt(3);
            case 2, 3 -> replace(item, other.all(), dice);
            case 4 -> replace(item, all, dice);
            case 5 -> replaceBy(item, unusual(dice));
            case 6 -> replaceBy(item, nested(item, 1 + dice.nextInt(DEEP)));
            case 7, 8 -> order(item, dice);
            default -> value(item, dice);
        }
    }

    private List<Item> all() {
        List<Item> all = new ArrayList<>();
        roots.forEach(root -> collect(root, all));
        return all;
    }

    private static void collect(Item item, List<Item> all) {
        all.add(item);
        item.items.forEach(child -> collect(child, all));
    }

    // Mutations.

    private static void value(Item item, Random dice) {
        switch (item.major) {
            case 0, 1 ->
                    item.argument =
                            switch (dice.nextInt(4)) {
                                case 0 -> edge(dice);
                                case 1 -> dice.nextLong();
                                default -> item.argument + dice.nextInt(5) - 2;
                            };
            case 2, 3 -> string(item, dice);
            default -> order(item, dice);
        }
    }

    private static void string(Item item, Random dice) {
        if (item.isEmbedding) {
            order(item, dice);
            return;
        }
        item.bytes =
                switch (dice.nextInt(5)) {
                    case 0 -> Arrays.copyOf(item.bytes, dice.nextInt(80));
                    case 1 -> Arrays.copyOf(item.bytes, item.bytes.length + 1);
                    case 2 -> Arrays.copyOf(item.bytes, Math.max(0, item.bytes.length - 1));
                    case 3 -> Bytes.fromHex(pick(BAD_TEXT, dice)).toArray();
                    default -> {
                        byte[] changed = item.bytes.clone();
                        if (changed.length > 0)
                            changed[dice.nextInt(changed.length)] ^= (byte) (1 << dice.nextInt(8));
                        yield changed;
                    }
                };
    }

    /** Leaves out, repeats or exchanges parts of a container. */
    private static void order(Item item, Random dice) {
        List<Item> items = item.items;
        if (items.isEmpty()) return;
        int at = dice.nextInt(items.size());
        int to = dice.nextInt(items.size());
        switch (dice.nextInt(4)) {
            case 0 -> items.remove(at);
            case 1 -> items.add(to, items.get(at).copy());
            case 2 -> {
                Item moved = items.get(at);
                items.set(at, items.get(to));
                items.set(to, moved);
            }
            default -> {
                for (int i = dice.nextInt(300); i > 0; i--) items.add(items.get(at));
            }
        }
    }

    private static void replace(Item item, List<Item> from, Random dice) {
        if (!from.isEmpty()) replaceBy(item, from.get(dice.nextInt(from.size())).copy());
    }

    /** What {@code item} stands for from now on; its place in the tree stays. */
    private static void replaceBy(Item item, Item other) {
        if (item.major == other.major) {
            item.argument = other.argument;
            item.bytes = other.bytes;
            item.isEmbedding = other.isEmbedding;
            item.items.clear();
            item.items.addAll(other.items);
        } else {
            // Something of another kind is written in place of the item, as it is.
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            write(other, out);
            item.items.clear();
            item.bytes = out.toByteArray();
            item.isEmbedding = false;
            item.widened = -1;
        }
    }

    private static Item unusual(Random dice) {
        Item item = new Item(7);
        item.bytes =
                dice.nextBoolean()
                        ? Bytes.fromHex(pick(FLOATS, dice)).toArray()
                        : CborWriter.encode(new Samples(dice).value(3)).toArray();
        return item;
    }

    private static Item nested(Item item, int depth) {
        Item inner = item.copy();
        for (int i = 0; i < depth; i++) {
            Item outer = new Item(4);
            outer.items.add(inner);
            inner = outer;
        }
        return inner;
    }

    private static long edge(Random dice) {
        long edge = EDGES[dice.nextInt(EDGES.length)];
        return dice.nextInt(4) == 0 ? -edge : edge;
    }

    private static String pick(List<String> from, Random dice) {
        return from.get(dice.nextInt(from.size()));
    }

    // Writing.

    private static void write(Item item, ByteArrayOutputStream out) {
        if (item.major == 7 || item.widened < 0) {
            out.writeBytes(item.bytes);
            return;
        }
        byte[] content = item.bytes;
        if (item.isEmbedding) {
            ByteArrayOutputStream inner = new ByteArrayOutputStream();
            item.items.forEach(child -> write(child, inner));
            content = inner.toByteArray();
        }
        long argument =
                switch (item.major) {
                    case 2, 3 -> content.length;
                    case 4 -> item.items.size();
                    case 5 -> item.items.size() / 2;
                    default -> item.argument;
                };
        head(item.major, argument + item.lie, item.widened, out);
        if (item.major == 2 || item.major == 3) out.writeBytes(content);
        else item.items.forEach(child -> write(child, out));
    }

    private static void head(int major, long argument, int widened, ByteArrayOutputStream out) {
        int form = 0;
        if (argument < 0 || argument >= 1L << 32) form = 4;
        else if (argument >= 1 << 16) form = 3;
        else if (argument >= 1 << 8) form = 2;
        else if (argument >= 24) form = 1;
        form = Math.min(4, form + widened);
        if (form == 0) {
            out.write(major << 5 | (int) argument);
            return;
        }
        out.write(major << 5 | 23 + form);
        for (int i = (1 << form - 1) - 1; i >= 0; i--) out.write((int) (argument >>> 8 * i));
    }

    // Reading: only what is in form comes here, so that nothing is judged.

    private static final class Parser {
        private final byte[] in;
        private int at;

        Parser(byte[] in) {
            this.in = in;
        }

        @Nullable List<Item> all() {
            List<Item> items = new ArrayList<>();
            while (at < in.length) {
                Item item = item(0);
                if (item == null) return null;
                items.add(item);
            }
            return items;
        }

        private @Nullable Item item(int depth) {
            if (at >= in.length || depth > DEEP) return null;
            int from = at;
            int head = in[at++] & 0xff;
            Item item = new Item(head >> 5);
            int low = head & 31;
            if (low > 27) return null;
            int more = low < 24 ? 0 : 1 << low - 24;
            if (at + more > in.length) return null;
            item.argument = low < 24 ? low : 0;
            for (int i = 0; i < more; i++) item.argument = item.argument << 8 | in[at++] & 0xff;
            switch (item.major) {
                case 2, 3 -> {
                    if (item.argument < 0 || item.argument > in.length - at) return null;
                    item.bytes = Arrays.copyOfRange(in, at, at + (int) item.argument);
                    at += item.bytes.length;
                    if (item.major == 2) embed(item);
                }
                case 4, 5 -> {
                    long count = item.argument * (item.major - 3);
                    if (count < 0 || count > in.length - at) return null;
                    for (long i = 0; i < count; i++) {
                        Item child = item(depth + 1);
                        if (child == null) return null;
                        item.items.add(child);
                    }
                }
                case 7 -> item.bytes = Arrays.copyOfRange(in, from, at);
                default -> {}
            }
            return item;
        }

        /** Bodies and grants are arrays; a hash that looks like one is taken for one, no harm. */
        private static void embed(Item item) {
            if (item.bytes.length < 8 || (item.bytes[0] & 0xe0) != 0x80) return;
            List<Item> inner = new Parser(item.bytes).all();
            if (inner == null) return;
            item.isEmbedding = true;
            item.items.addAll(inner);
        }
    }
}
