package dev.holdfast.web.core;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSBoolean;
import org.teavm.jso.core.JSNumber;
import org.teavm.jso.core.JSObjects;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * JavaScript's values to and from {@link Value}: a {@code Uint8Array} is a byte string, a whole
 * number beyond 2^53 a {@code BigInt}.
 *
 * <p>Numbers pass as doubles and never as text, because TeaVM's {@code Double.parseDouble} is off
 * by one bit now and then (1e23), which would be another hash.
 */
final class JsValues {
    private static final long EXACT = 1L << 53;

    private JsValues() {}

    static Value in(JSObject value) {
        return in(value, Limits.NESTING);
    }

    private static Value in(JSObject value, int depth) {
        if (depth == 0) throw new MalformedException("nested deeper than " + Limits.NESTING);
        return switch (JSObjects.typeOf(value)) {
            case "boolean" -> Value.of(((JSBoolean) value).booleanValue());
            case "number" -> Value.number(((JSNumber) value).doubleValue());
            case "bigint" -> Value.of(whole(value));
            case "string" -> Value.of(((JSString) value).stringValue());
            case "object" -> object(value, depth);
            default -> throw new MalformedException("not a value that a field can hold");
        };
    }

    private static Value object(JSObject value, int depth) {
        if (isNull(value)) return Value.NIL;
        if (isOctets(value)) return Value.of(Octets.in((Uint8Array) value));
        if (JSArray.isArray(value)) {
            JSArray<JSObject> array = asArray(value);
            List<Value> items = new ArrayList<>();
            for (int i = 0; i < array.getLength(); i++) items.add(in(array.get(i), depth - 1));
            return new Value.Array(items);
        }
        TreeMap<String, Value> fields = new TreeMap<>();
        for (String name : JSObjects.keys(value))
            fields.put(name, in(field(value, name), depth - 1));
        return new Value.Map(fields);
    }

    private static long whole(JSObject bigInt) {
        try {
            return Long.parseLong(asText(bigInt));
        } catch (NumberFormatException e) {
            throw new MalformedException("a whole number beyond 64 bits");
        }
    }

    static JSObject out(Value value) {
        return switch (value) {
            case Value.Nil nil -> JsObjects.nothing();
            case Value.Bool bool -> JSBoolean.valueOf(bool.value());
            case Value.Int number ->
                    -EXACT <= number.value() && number.value() <= EXACT
                            ? JSNumber.valueOf((double) number.value())
                            : bigInt(Long.toString(number.value()));
            case Value.Real number -> JSNumber.valueOf(number.value());
            case Value.Text text -> JSString.valueOf(text.value());
            case Value.Binary binary -> Octets.out(binary.value());
            case Value.Array array -> {
                JSArray<JSObject> items = new JSArray<>();
                for (Value item : array.items()) items.push(out(item));
                yield items;
            }
            case Value.Map map -> {
                JSObject object = JSObjects.create();
                map.fields().forEach((name, field) -> JsObjects.define(object, name, out(field)));
                yield object;
            }
        };
    }

    @JSBody(params = "value", script = "return value === null;")
    private static native boolean isNull(JSObject value);

    @JSBody(params = "value", script = "return value instanceof Uint8Array;")
    private static native boolean isOctets(JSObject value);

    @JSBody(params = "value", script = "return value;")
    private static native JSArray<JSObject> asArray(JSObject value);

    @JSBody(
            params = {"object", "name"},
            script = "return object[name];")
    private static native JSObject field(JSObject object, String name);

    @JSBody(params = "bigInt", script = "return bigInt.toString();")
    private static native String asText(JSObject bigInt);

    @JSBody(params = "digits", script = "return BigInt(digits);")
    private static native JSObject bigInt(String digits);
}
