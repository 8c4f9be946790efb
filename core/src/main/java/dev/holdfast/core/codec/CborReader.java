package dev.holdfast.core.codec;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Reads deterministic CBOR and nothing else: what {@link CborWriter} would not have written is
 * malformed, so that equal things have equal bytes and equal hashes. A length is believed only as
 * far as there are bytes left, which bounds memory by the input's size. Not thread-safe.
 */
public final class CborReader {
    /**
     * Whole numbers of one byte. These, and what is empty, are not made anew: a megabyte of them
     * would be a hundred in memory.
     */
    private static final Value[] SMALL = new Value[48];

    private static final Value EMPTY_ARRAY = new Value.Array(List.of());
    private static final Value EMPTY_TEXT = new Value.Text("");
    private static final Value EMPTY_BINARY = new Value.Binary(Bytes.EMPTY);

    static {
        for (int i = 0; i < SMALL.length; i++) SMALL[i] = new Value.Int(i - SMALL.length / 2);
    }

    private final byte[] in;
    private final int end;
    private int at;

    public CborReader(Bytes input) {
        this(input.unsafeArray(), 0, input.size());
    }

    public CborReader(byte[] input, int from, int count) {
        in = input;
        at = from;
        end = from + count;
    }

    /** The one value that {@code input} is. */
    public static Value decode(Bytes input) {
        CborReader reader = new CborReader(input);
        Value value = reader.value();
        reader.finish();
        return value;
    }

    public int position() {
        return at;
    }

    public boolean atEnd() {
        return at == end;
    }

    /** Nothing may follow. */
    public void finish() {
        if (at != end) throw new MalformedException("bytes after the end");
    }

    /** The number of items that follow. */
    public int array() {
        return count(4, "an array");
    }

    /** An array of exactly {@code items}. */
    public void array(int items) {
        if (array() != items)
            throw new MalformedException("an array of another length than " + items);
    }

    public long integer() {
        int type = peek() >> 5;
        if (type > 1) throw new MalformedException("expected an integer");
        long argument = argument(next());
        if (argument < 0) throw new MalformedException("an integer beyond 64 bits");
        return type == 0 ? argument : ~argument;
    }

    /** An integer from 0 to {@code max}. */
    public long unsigned(long max) {
        long value = integer();
        if (value < 0 || value > max)
            throw new MalformedException("an integer outside 0 to " + max);
        return value;
    }

    public boolean bool() {
        int head = next();
        if (head != 0xf4 && head != 0xf5) throw new MalformedException("expected true or false");
        return head == 0xf5;
    }

    /** Takes a null, if one is next. */
    public boolean nil() {
        if (peek() != 0xf6) return false;
        at++;
        return true;
    }

    public Bytes bytes() {
        int size = count(2, "a byte string");
        if (size == 0) return Bytes.EMPTY;
        Bytes value = Bytes.wrap(java.util.Arrays.copyOfRange(in, at, at + size));
        at += size;
        return value;
    }

    /** A byte string of exactly {@code size} bytes. */
    public Bytes bytes(int size) {
        Bytes value = bytes();
        if (value.size() != size)
            throw new MalformedException("a byte string of another length than " + size);
        return value;
    }

    public String text() {
        int size = count(3, "text");
        String value = Utf8.read(in, at, size);
        at += size;
        return value;
    }

    public Value value() {
        return value(Limits.NESTING);
    }

    /** The next value as it stands in the input, checked and passed over. */
    public Bytes raw() {
        int from = at;
        value();
        return Bytes.wrap(java.util.Arrays.copyOfRange(in, from, at));
    }

    private Value value(int depth) {
        if (depth == 0) throw new MalformedException("nested deeper than " + Limits.NESTING);
        int head = peek();
        return switch (head >> 5) {
            case 0, 1 -> whole(integer());
            case 2 -> {
                Bytes bytes = bytes();
                yield bytes.size() == 0 ? EMPTY_BINARY : new Value.Binary(bytes);
            }
            case 3 -> {
                String text = text();
                yield text.isEmpty() ? EMPTY_TEXT : new Value.Text(text);
            }
            case 4 -> {
                int items = array();
                if (items == 0) yield EMPTY_ARRAY;
                List<Value> values = new ArrayList<>(Math.min(items, 1024));
                for (int i = 0; i < items; i++) values.add(value(depth - 1));
                yield new Value.Array(values);
            }
            case 5 -> map(depth);
            case 7 -> simple(next());
            default -> throw new MalformedException("tags are not used");
        };
    }

    private static Value whole(long value) {
        int place = SMALL.length / 2;
        return value >= -place && value < place ? SMALL[(int) value + place] : new Value.Int(value);
    }

    private Value map(int depth) {
        int fields = count(5, "a map");
        if (fields == 0) return Value.Map.EMPTY;
        if (fields == 1) {
            String only = text();
            return new Value.Map(java.util.Map.of(only, value(depth - 1)));
        }
        LinkedHashMap<String, Value> map = new LinkedHashMap<>(Math.min(fields, 1024) * 4 / 3 + 1);
        String before = null;
        for (int i = 0; i < fields; i++) {
            String name = text();
            if (before != null && Utf8.LENGTH_FIRST.compare(before, name) >= 0) {
                throw new MalformedException("map keys out of order or twice");
            }
            map.put(name, value(depth - 1));
            before = name;
        }
        return new Value.Map(map);
    }

    private Value simple(int head) {
        return switch (head) {
            case 0xf4 -> Value.FALSE;
            case 0xf5 -> Value.TRUE;
            case 0xf6 -> Value.NIL;
            case 0xf9 -> new Value.Real(HalfFloat.toDouble((int) fixed(2)));
            case 0xfa -> {
                float value = Float.intBitsToFloat((int) fixed(4));
                if (HalfFloat.exactly(value) >= 0)
                    throw new MalformedException("a number not in its shortest form");
                yield new Value.Real(value);
            }
            case 0xfb -> {
                double value = Double.longBitsToDouble(fixed(8));
                if (HalfFloat.single(value) == value)
                    throw new MalformedException("a number not in its shortest form");
                yield new Value.Real(value);
            }
            default -> throw new MalformedException("a kind of value that is not used");
        };
    }

    private int count(int major, String what) {
        if (peek() >> 5 != major) throw new MalformedException("expected " + what);
        int head = next();
        int low = head & 31;
        // Where this runs as JavaScript a long costs ten times what an int does.
        long count = low < 24 ? 0 : argument(head);
        if (count < 0 || count > end - at || low < 24 && low > end - at)
            throw new MalformedException("a length beyond the end of the input");
        return low < 24 ? low : (int) count;
    }

    private long argument(int head) {
        int low = head & 31;
        if (low < 24) return low;
        if (low > 27) throw new MalformedException("an indefinite or reserved length");
        int bytes = 1 << low - 24;
        long value = fixed(bytes);
        boolean longer = bytes == 1 ? value < 24 : value >= 0 && value >>> 4 * bytes == 0;
        if (longer) throw new MalformedException("a number not in its shortest form");
        return value;
    }

    private long fixed(int bytes) {
        if (end - at < bytes) throw new MalformedException("the input ends too early");
        if (bytes == 8) return (long) bits(4) << 32 | bits(4) & 0xffffffffL;
        return bits(bytes) & 0xffffffffL;
    }

    private int bits(int bytes) {
        int value = 0;
        for (int i = 0; i < bytes; i++) value = value << 8 | in[at++] & 0xff;
        return value;
    }

    private int next() {
        int head = peek();
        at++;
        return head;
    }

    private int peek() {
        if (at >= end) throw new MalformedException("the input ends too early");
        return in[at] & 0xff;
    }
}
