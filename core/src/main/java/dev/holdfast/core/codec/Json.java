package dev.holdfast.core.codec;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * JSON (RFC 8259) to and from {@link Value}, for people and for the plain HTTP API. A byte string
 * travels as {@code {"$bytes": "…hex…"}}; a map that somebody wrote with this as its only name gets
 * one more dollar sign ({@code $$bytes}), and so on, so that every value comes back as it was.
 * Numbers are read as a 64-bit integer where they are written as one and fit, else as a double. A
 * name given twice is malformed.
 */
public final class Json {
    private static final String BYTES = "$bytes";

    private final String in;
    private int at;

    private Json(String text) {
        in = text;
    }

    /**
     * Reads one JSON text.
     *
     * @throws MalformedException with the place of the fault
     */
    public static Value parse(String text) {
        // Else half of a pair as it is would go with the other half escaped.
        Utf8.requireWellFormed(text);
        Json json = new Json(text);
        Value value = json.value(Limits.NESTING);
        json.space();
        if (json.at < text.length()) throw json.fault("text after the end");
        return value;
    }

    public static String print(Value value) {
        StringBuilder out = new StringBuilder();
        print(value, out);
        return out.toString();
    }

    private static void print(Value value, StringBuilder out) {
        switch (value) {
            case Value.Nil nil -> out.append("null");
            case Value.Bool bool -> out.append(bool.value());
            case Value.Int number -> out.append(number.value());
            case Value.Real number -> out.append(number.value());
            case Value.Text text -> quote(text.value(), out);
            case Value.Binary binary ->
                    out.append("{\"$bytes\":\"").append(binary.value().hex()).append("\"}");
            case Value.Array array -> {
                out.append('[');
                String separator = "";
                for (Value item : array.items()) {
                    out.append(separator);
                    print(item, out);
                    separator = ",";
                }
                out.append(']');
            }
            case Value.Map map -> {
                out.append('{');
                String separator = "";
                for (var field : map.fields().entrySet()) {
                    out.append(separator);
                    boolean alone = map.fields().size() == 1;
                    quote(
                            alone && isBytes(field.getKey())
                                    ? "$" + field.getKey()
                                    : field.getKey(),
                            out);
                    out.append(':');
                    print(field.getValue(), out);
                    separator = ",";
                }
                out.append('}');
            }
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        // Nearly every text goes in one piece.
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x20 && c != '"' && c != '\\') continue;
            out.append(text, from, i);
            from = i + 1;
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default ->
                        out.append("\\u00")
                                .append(c < 16 ? "0" : "1")
                                .append("0123456789abcdef".charAt(c & 15));
            }
        }
        out.append(text, from, text.length()).append('"');
    }

    private Value value(int depth) {
        if (depth == 0) throw fault("nested deeper than " + Limits.NESTING);
        space();
        return switch (peek()) {
            case '{' -> map(depth);
            case '[' -> array(depth);
            case '"' -> new Value.Text(text());
            case 't' -> word("true", Value.TRUE);
            case 'f' -> word("false", Value.FALSE);
            case 'n' -> word("null", Value.NIL);
            default -> number();
        };
    }

    private Value map(int depth) {
        at++;
        TreeMap<String, Value> fields = new TreeMap<>();
        space();
        if (take('}')) return Value.Map.EMPTY;
        do {
            space();
            if (peek() != '"') throw fault("expected a name in quotes");
            String name = text();
            space();
            if (!take(':')) throw fault("expected ':'");
            space();
            // The text of a byte string is no level of its own: the deepest value may be one.
            boolean bytes = name.equals(BYTES) && peek() == '"';
            Value field = bytes ? new Value.Text(text()) : value(depth - 1);
            if (fields.put(name, field) != null) throw fault("a name is given twice");
            space();
        } while (take(','));
        if (!take('}')) throw fault("expected ',' or '}'");
        String only = fields.firstKey();
        Value map = new Value.Map(fields);
        if (fields.size() > 1 || !isBytes(only)) return map;
        Value field = Objects.requireNonNull(fields.get(only));
        if (!only.equals(BYTES)) return new Value.Map(Map.of(only.substring(1), field));
        return field instanceof Value.Text hex ? new Value.Binary(Bytes.fromHex(hex.value())) : map;
    }

    /** Whether a name is that of byte strings, or one that was kept apart from it. */
    private static boolean isBytes(String name) {
        int dollars = name.length() - BYTES.length() + 1;
        if (dollars < 1 || !name.endsWith(BYTES)) return false;
        for (int i = 0; i < dollars; i++) {
            if (name.charAt(i) != '$') return false;
        }
        return true;
    }

    private Value array(int depth) {
        at++;
        List<Value> items = new ArrayList<>();
        space();
        if (take(']')) return new Value.Array(items);
        do {
            items.add(value(depth - 1));
            space();
        } while (take(','));
        if (!take(']')) throw fault("expected ',' or ']'");
        return new Value.Array(items);
    }

    private String text() {
        at++;
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = peek();
            at++;
            if (c == '"') break;
            if (c < 0x20) throw fault("a control character within text");
            out.append(c == '\\' ? escape() : c);
        }
        String text = out.toString();
        Utf8.requireWellFormed(text);
        return text;
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Bytes.hexDigit(peek());
                    if (digit < 0) throw fault("expected four hexadecimal digits");
                    unit = unit << 4 | digit;
                    at++;
                }
                yield (char) unit;
            }
            default -> throw fault("an unknown escape");
        };
    }

    private Value number() {
        int from = at;
        take('-');
        if (!take('0')) digits();
        boolean whole = true;
        if (take('.')) {
            digits();
            whole = false;
        }
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            digits();
            whole = false;
        }
        String written = in.substring(from, at);
        if (whole) {
            try {
                return new Value.Int(Long.parseLong(written));
            } catch (NumberFormatException e) {
                // Beyond 64 bits: a double, as in JavaScript.
            }
        }
        double value = Double.parseDouble(written);
        if (Double.isInfinite(value)) throw fault("a number beyond what a double holds");
        return Value.number(value);
    }

    private void digits() {
        int from = at;
        while (at < in.length() && in.charAt(at) >= '0' && in.charAt(at) <= '9') at++;
        if (at == from) throw fault("unexpected character");
    }

    private Value word(String word, Value value) {
        if (!in.startsWith(word, at)) throw fault("unexpected character");
        at += word.length();
        return value;
    }

    private void space() {
        while (at < in.length() && " \t\r\n".indexOf(in.charAt(at)) >= 0) at++;
    }

    private boolean take(char c) {
        if (at >= in.length() || in.charAt(at) != c) return false;
        at++;
        return true;
    }

    private char peek() {
        if (at >= in.length()) throw fault("the text ends too early");
        return in.charAt(at);
    }

    private MalformedException fault(String what) {
        return new MalformedException("JSON: " + what + " at character " + at);
    }
}
