package dev.holdfast.cli.device;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
     * The values by path, in the order they were typed.
     *
     * @throws MalformedException on what is none, and on a field that comes twice
     */
    static Map<String, Value> parse(List<String> typed) {
        Map<String, Value> fields = new LinkedHashMap<>();
        for (String each : typed) {
            int equals = each.indexOf('=');
            boolean json = equals > 1 && each.charAt(equals - 1) == ':';
            if (equals < 1) {
                throw new MalformedException("\"" + each + "\" is not FIELD=VALUE");
            }
            String path = each.substring(0, json ? equals - 1 : equals);
            String text = each.substring(equals + 1);
            Value value = json ? Json.parse(text) : value(text);
            if (fields.put(path, value) != null) {
                throw new MalformedException("the field " + path + " is given twice");
            }
        }
        return fields;
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
