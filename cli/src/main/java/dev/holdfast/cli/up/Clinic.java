package dev.holdfast.cli.up;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.cli.trust.Deployment;

/** The demo's pages, which the edge serves. */
record Clinic(Pages pages) {
    private static final String DEPLOYMENT = "deployment.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    static Clinic ofThisProcess() {
        return new Clinic(Pages.ofThisProcess("clinic"));
    }

    /** Puts them where the edge serves them. */
    void publish(Layout layout, Deployment deployment) {
        ObjectNode known = JSON.createObjectNode().put("scope", Layout.SCOPE);
        known.putArray("authorities").add(deployment.grantsPublicKey().hex());
        known.put("grantCommand", grantCommand(layout));
        known.put("retainUntil", "global"); // the regions of "up" mirror each other
        pages.publish(layout.site(), DEPLOYMENT, known);
    }

    /** Enrols a browser; the page puts its own key in the place of {@code KEY}. */
    static String grantCommand(Layout layout) {
        return "./holdfast grant issue --keys "
                + layout.keys()
                + " --key KEY --subject nurse-chipo --scope "
                + Layout.SCOPE
                + ":read,write=*";
    }
}
