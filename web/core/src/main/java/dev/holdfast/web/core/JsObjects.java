package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSBoolean;
import org.teavm.jso.core.JSNumber;
import org.teavm.jso.core.JSObjects;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.Uint8Array;

/** A JavaScript object in the making. */
final class JsObjects {
    private final JSObject made = JSObjects.create();

    JsObjects put(String name, JSObject value) {
        define(made, name, value);
        return this;
    }

    JsObjects put(String name, String value) {
        return put(name, JSString.valueOf(value));
    }

    /** Numbers that are over 2^53 do not come here: sequence numbers and times are below. */
    JsObjects put(String name, long value) {
        return put(name, JSNumber.valueOf((double) value));
    }

    JsObjects put(String name, boolean value) {
        return put(name, JSBoolean.valueOf(value));
    }

    JsObjects put(String name, Bytes value) {
        return put(name, Octets.out(value));
    }

    JsObjects putIfAny(String name, @Nullable String value) {
        return value == null ? this : put(name, value);
    }

    JSObject done() {
        return made;
    }

    static List<Bytes> octets(JSArray<Uint8Array> arrays) {
        List<Bytes> list = new ArrayList<>();
        for (int i = 0; i < arrays.getLength(); i++) list.add(Octets.in(arrays.get(i)));
        return list;
    }

    static JSArray<JSString> texts(Iterable<String> texts) {
        JSArray<JSString> array = new JSArray<>();
        for (String text : texts) array.push(JSString.valueOf(text));
        return array;
    }

    /** Also a field called {@code __proto__} is only a field. */
    @JSBody(
            params = {"object", "name", "value"},
            script =
                    "Object.defineProperty(object, name,"
                            + " {value: value, enumerable: true, writable: true, configurable: true});")
    static native void define(JSObject object, String name, JSObject value);

    /** JavaScript's {@code null}, which is for where Java's would become {@code undefined}. */
    @JSBody(script = "return null;")
    static native JSObject nothing();
}
