package dev.holdfast.web.core;

import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.sync.MessageCodec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSBoolean;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * A session between a {@link Replica} and a server. After each call that tells it something, {@link
 * #next} is to be asked until it answers null.
 */
@JSClass
public final class Session {
    private final Exchange exchange;

    Session(Exchange exchange) {
        this.exchange = exchange;
    }

    /**
     * The server said its challenge.
     *
     * @param own 16 random bytes
     * @param scopes those to follow, as far as the grant names them
     */
    @JSExport
    public void begin(
            Uint8Array own, Uint8Array challenge, JSArray<JSString> scopes, double nowMillis) {
        Set<String> followed = new LinkedHashSet<>();
        for (int i = 0; i < scopes.getLength(); i++) followed.add(scopes.get(i).stringValue());
        exchange.begin(
                Octets.in(own),
                MessageCodec.decode(Octets.in(challenge)),
                followed,
                (long) nowMillis);
    }

    @JSExport
    public void received(Uint8Array message, double nowMillis) {
        exchange.received(MessageCodec.decode(Octets.in(message)), (long) nowMillis);
    }

    /** The scope has something new, or is to be followed from now on. */
    @JSExport
    public void grew(String scope, double nowMillis) {
        exchange.grew(scope, (long) nowMillis);
    }

    @JSExport
    public void tick(double nowMillis) {
        exchange.tick((long) nowMillis);
    }

    /** What is wanted next, an object whose {@code want} says what it is; null for nothing. */
    @JSExport
    public @Nullable JSObject next(double nowMillis) {
        Exchange.Want want = exchange.next((long) nowMillis);
        if (want == null) return null;
        JsObjects told = new JsObjects();
        return switch (want) {
            case Exchange.Want.Send send ->
                    told.put("want", "send").put("message", send.message()).done();
            case Exchange.Want.Sign sign ->
                    told.put("want", "sign").put("text", sign.text()).done();
            case Exchange.Want.Verify verify ->
                    told.put("want", "verify").put("checks", checks(verify.checks())).done();
            case Exchange.Want.Flush flush -> told.put("want", "flush").done();
            case Exchange.Want.Welcomed welcomed ->
                    told.put("want", "welcomed")
                            .put("server", welcomed.server().toString())
                            .put("level", Replica.word(welcomed.level()))
                            .done();
            case Exchange.Want.Time time ->
                    told.put("want", "time").put("regionMillis", time.regionMillis()).done();
            case Exchange.Want.Refused refused ->
                    told.put("want", "refused")
                            .put("scope", refused.scope())
                            .put("first", refused.span().from())
                            .done();
            case Exchange.Want.Closed closed ->
                    told.put("want", "closed")
                            .put("reason", closed.reason())
                            .put("retry", closed.retry())
                            .put("copied", closed.copied())
                            .done();
        };
    }

    @JSExport
    public void signed(Uint8Array signature, double nowMillis) {
        exchange.signed(Octets.in(signature), (long) nowMillis);
    }

    @JSExport
    public void verified(JSArray<JSBoolean> answers, double nowMillis) {
        List<Boolean> list = new ArrayList<>();
        for (int i = 0; i < answers.getLength(); i++) list.add(answers.get(i).booleanValue());
        exchange.verified(list, (long) nowMillis);
    }

    @JSExport
    public void flushed(double nowMillis) {
        exchange.flushed((long) nowMillis);
    }

    /** The body of the next post. */
    @JSExport
    public Uint8Array round() {
        return Octets.out(exchange.round());
    }

    /** What came back from a post. */
    @JSExport
    public void answered(Uint8Array body, double nowMillis) {
        exchange.answered(Octets.in(body), (long) nowMillis);
    }

    @JSExport
    public boolean isMore() {
        return exchange.isMore();
    }

    /** Scopes of which the last round brought the end. */
    @JSExport
    public JSArray<JSString> exhausted() {
        return JsObjects.texts(exchange.exhausted());
    }

    @JSExport
    public boolean wasBusy() {
        return exchange.wasBusy();
    }

    static JSArray<JSObject> checks(List<SignatureCheck> checks) {
        JSArray<JSObject> array = new JSArray<>();
        for (SignatureCheck check : checks)
            array.push(
                    new JsObjects()
                            .put("publicKey", check.publicKey())
                            .put("text", check.text())
                            .put("signature", check.signature())
                            .done());
        return array;
    }
}
