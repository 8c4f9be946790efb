package dev.holdfast.cli.device;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Fields as they are typed. {@code name=Amina} is text; numbers, {@code true}, {@code false} and
 * {@code null} are what they look like; {@code pin:="0042"} is any JSON value, for what would be
 * guessed wrong and for lists. A path such as {@code address.city=Kisumu} names a nested field.
 */
final class Fields {
    static final String HELP =
            "FIELD=VALUE: numbers, true, false and null are what they look like, the rest is text;"
                    + " FIELD:=JSON is any JSON value, such as pin:=\"\\\"42\\\"\". A path such as"
                    + " address.city names a nested field.";

    private Fields() {}

    /**
     * The fields as a document's, nested where a path says so.
     *
     * @throws MalformedException on what is none, and on a field that comes twice
     */
    static Value.Map parse(List<String> typed) {
        Map<String, Value> fields = new TreeMap<>();
        for (String each : typed) {
            int equals = each.indexOf('=');
            boolean json = equals > 1 && each.charAt(equals - 1) == ':';
            if (equals < 1) {
                throw new MalformedException("\"" + each + "\" is not FIELD=VALUE");
            }
            String path = each.substring(0, json ? equals - 1 : equals);
            String text = each.substring(equals + 1);
            put(fields, path, path, json ? Json.parse(text) : value(text));
        }
        return new Value.Map(fields);
    }

    private static void put(Map<String, Value> fields, String path, String whole, Value value) {
        int dot = path.indexOf('.');
        String name = dot < 0 ? path : path.substring(0, dot);
        if (dot < 0) {
            if (fields.put(name, value) != null) throw twice(whole);
        } else {
            Value below = fields.getOrDefault(name, Value.Map.EMPTY);
            if (!(below instanceof Value.Map map)) throw twice(whole);
            Map<String, Value> deeper = new TreeMap<>(map.fields());
            put(deeper, path.substring(dot + 1), whole, value);
            fields.put(name, new Value.Map(deeper));
        }
    }

    private static MalformedException twice(String path) {
        return new MalformedException("the field " + path + " is given twice");
    }

    /** A value as it is typed without quotes. */
    static Value value(String text) {
        return switch (text) {
            case "true" -> Value.TRUE;
            case "false" -> Value.FALSE;
            case "null" -> Value.NIL;
            default -> numberOrText(text);
        };
    }

    /** As JSON, without the quotes around a text. */
    static String shown(Value value) {
        return value instanceof Value.Text text ? text.value() : Json.print(value);
    }

    private static Value numberOrText(String text) {
        boolean like =
                !text.isEmpty()
                        && (Character.digit(text.charAt(0), 10) >= 0 || text.charAt(0) == '-');
        if (!like) return Value.of(text);
        try {
            return Json.parse(text);
        } catch (MalformedException e) {
            return Value.of(text); // 0042, 12 mg, 2026-11-24
        }
    }
}
