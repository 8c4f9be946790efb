package dev.holdfast.node.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.node.http.Site;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The console's pages, under {@code /console}. The file {@code console.json} beside them names the
 * other nodes that they ask, each for itself, straight from the browser: {@code {"nodes": [{"name":
 * …, "kind": "edge", "address": "https://host:port"}]}}, and, for a system that is there to be
 * broken, {@code "switches"} with the address of those. Those addresses, and no others, are what
 * the pages' policy lets them ask.
 */
public final class ConsolePages {
    /** The folder of a node's site that is the console's. */
    public static final String PLACE = "console";

    /** Names the nodes. */
    public static final String NODES = "console.json";

    private static final int MOST_NODES = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private ConsolePages() {}

    /**
     * Reads them.
     *
     * @throws IOException when they cannot be read, or {@code console.json} has not its form
     */
    public static Site load(Path folder) throws IOException {
        return Site.load(folder, PLACE, origins(folder.resolve(NODES)));
    }

    private static List<String> origins(Path file) throws IOException {
        if (!Files.exists(file)) return List.of();
        JsonNode named = parse(file);
        JsonNode nodes = named.path("nodes");
        if (!nodes.isArray() || nodes.size() > MOST_NODES)
            throw new IOException(file + " names no nodes, or more than " + MOST_NODES);
        List<String> origins = new ArrayList<>();
        for (JsonNode node : nodes) add(origins, node.path("address"), file);
        if (named.has("switches")) add(origins, named.path("switches"), file);
        return List.copyOf(origins);
    }

    private static void add(List<String> origins, JsonNode named, Path file) throws IOException {
        String address = named.asText();
        if (!isOrigin(address))
            throw new IOException(
                    file + ": a node is at https://host:port, not \"" + address + "\"");
        if (!origins.contains(address)) origins.add(address);
    }

    private static JsonNode parse(Path file) throws IOException {
        try {
            return JSON.readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Nothing that would mean more than one place in a policy. */
    private static boolean isOrigin(String address) {
        if (!address.matches("https://[A-Za-z0-9._:\\[\\]-]+")) return false;
        try {
            return URI.create(address).getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
