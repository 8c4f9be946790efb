package dev.holdfast.cli.up;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.cli.trust.Rights;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.console.ConsolePages;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The operator's pages, which every node serves, and the grant that opens them. */
record Console(Pages pages) {
    private static final String SUBJECT = "operator";
    private static final Duration VALID = Duration.ofDays(365);
    private static final ObjectMapper JSON = new ObjectMapper();

    static Console ofThisProcess() {
        return new Console(Pages.ofThisProcess("console"));
    }

    /**
     * Puts the pages where the nodes serve them, and a grant that may look and act beside the data;
     * anew at every start, so that it counts.
     */
    void publish(Layout layout, Ports ports, Deployment deployment, Entropy entropy) {
        ObjectNode known = JSON.createObjectNode();
        ArrayNode nodes = known.putArray("nodes");
        kinds().forEach((name, kind) ->
                nodes.addObject()
                        .put("name", name)
                        .put("kind", kind)
                        .put("address", ports.address(name)));
        known.put("switches", "https://localhost:" + ports.switches());
        pages.publish(layout.console(), ConsolePages.NODES, known);
        GrantText.write(
                layout.operator(),
                deployment.grant(
                        ReplicaKey.create(entropy).publicKey(),
                        SUBJECT,
                        Grant.Role.OPERATOR,
                        List.of(Rights.ALL),
                        VALID,
                        Duration.ZERO));
    }

    /** From the outermost ring inwards. */
    private static Map<String, String> kinds() {
        Map<String, String> kinds = new LinkedHashMap<>();
        Layout.REGIONS.forEach(name -> kinds.put(name, "region"));
        kinds.put(Layout.EDGE, "edge");
        Layout.STEERS.forEach(name -> kinds.put(name, "steer"));
        return kinds;
    }
}
