package dev.holdfast.web.core;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.sync.Bundle;
import dev.holdfast.core.sync.Upstream;
import java.util.ArrayList;
import java.util.List;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSBoolean;

/** A bundle that is whole, before a {@link Replica} takes it in. */
@JSClass
public final class Incoming {
    private final Image image;
    private final Bundle.Admittance door;
    private final Grant.Role role;
    private final Durability retainUntil;

    Incoming(Image image, Bundle.Admittance door, Grant.Role role, Durability retainUntil) {
        this.image = image;
        this.door = door;
        this.role = role;
        this.retainUntil = retainUntil;
    }

    /** What must be verified first. */
    @JSExport
    public JSArray<JSObject> checks() {
        return Session.checks(door.checks());
    }

    /**
     * Takes in all of it or nothing. Answers how many operations were new here, or why it was
     * refused; {@code copied} says that it holds what somebody else wrote under this device's key.
     */
    @JSExport
    public JSObject keep(JSArray<JSBoolean> answers, double nowMillis) {
        List<Boolean> held = new ArrayList<>();
        for (int i = 0; i < answers.getLength(); i++) held.add(answers.get(i).booleanValue());
        JsObjects told = new JsObjects();
        switch (door.judged(held)) {
            case Bundle.Refused refused ->
                    told.put("code", refused.code().text()).put("refused", refused.reason());
            case Bundle.Accepted accepted -> {
                Upstream.Carried carried =
                        image.write(tables ->
                                new Upstream(tables, image.self(), role, retainUntil)
                                        .carry(accepted, (long) nowMillis));
                told.put("operations", carried.operations()).put("copied", carried.cloned());
            }
        }
        return told.done();
    }
}
