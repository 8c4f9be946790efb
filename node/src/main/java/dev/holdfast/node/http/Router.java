package dev.holdfast.node.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which handler answers which path: templates such as {@code /v1/scopes/{scope}/documents/{id}},
 * where a name in braces takes exactly one segment. Words win over names. Filled before the node
 * starts and not changed after.
 */
public final class Router {
    /** A body's limit where the route says nothing. */
    public static final int DEFAULT_BODY_BYTES = 1 << 20;

    /**
     * One method of one path.
     *
     * @param template as it was given; the name of the route in metrics
     * @param bodyBytes the longest body, before and after decompression
     * @param vital answered also when the node is busy
     */
    record Route(String template, int bodyBytes, boolean vital, Target target) {}

    sealed interface Target {
        record Plain(Handler handler) implements Target {}

        record Socket(WebSocketHandler handler) implements Target {}
    }

    sealed interface Match {
        record Found(Route route, Map<String, String> parameters) implements Match {}

        record WrongMethod(String allow) implements Match {}

        record Unknown() implements Match {}
    }

    /** What can follow after some segments. */
    private static final class Place {
        final Map<String, Place> words = new LinkedHashMap<>();
        final Map<String, Route> methods = new LinkedHashMap<>();
        @Nullable Place parameter;
        List<String> names = List.of();
        @Nullable Route socket;
    }

    private final Place root = new Place();

    /** Of sites: what a path that ends with a slash can name. */
    private final Set<List<String>> folders = new HashSet<>();

    public Router route(String method, String template, Handler handler) {
        return route(method, template, DEFAULT_BODY_BYTES, handler);
    }

    /** Bodies up to {@code bodyBytes}. */
    public Router route(String method, String template, int bodyBytes, Handler handler) {
        return add(method, new Route(template, bodyBytes, false, new Target.Plain(handler)));
    }

    /** For what must be answered even when the node is full: health and metrics. Must be quick. */
    public Router vital(String method, String template, Handler handler) {
        return add(method, new Route(template, 0, true, new Target.Plain(handler)));
    }

    /** A WebSocket; the same path may have plain methods beside it, also {@code GET}. */
    public Router socket(String template, WebSocketHandler handler) {
        return socket(template, false, handler);
    }

    /** One that is taken even when the node is full; its handler must bound how many there are. */
    public Router vitalSocket(String template, WebSocketHandler handler) {
        return socket(template, true, handler);
    }

    private Router socket(String template, boolean vital, WebSocketHandler handler) {
        Place place = place(template);
        if (place.socket != null) throw new IllegalArgumentException("twice: " + template);
        place.socket = new Route(template, 0, vital, new Target.Socket(handler));
        return this;
    }

    /**
     * A file of a {@link Site}, at exactly this path. All of them count as one route in metrics.
     */
    Router page(List<String> segments, Handler handler) {
        Place at = root;
        for (String segment : segments) at = at.words.computeIfAbsent(segment, _ -> new Place());
        Route route = new Route("(site)", 0, false, new Target.Plain(handler));
        if (at.methods.put("GET", route) != null)
            throw new IllegalArgumentException("twice: /" + String.join("/", segments));
        return this;
    }

    /** As {@link #page}, for the one that answers for a folder: with a slash at the end as well. */
    Router folder(List<String> segments, Handler handler) {
        folders.add(List.copyOf(segments));
        return page(segments, handler);
    }

    boolean isFolder(List<String> segments) {
        return folders.contains(segments);
    }

    private Router add(String method, Route route) {
        if (place(route.template).methods.put(method, route) != null) {
            throw new IllegalArgumentException("twice: " + method + " " + route.template);
        }
        return this;
    }

    private Place place(String template) {
        if (!template.startsWith("/")) throw new IllegalArgumentException(template);
        Place at = root;
        List<String> names = new ArrayList<>();
        for (String part : template.substring(1).split("/", -1)) {
            if (part.isEmpty()) continue;
            if (part.startsWith("{") && part.endsWith("}")) {
                names.add(part.substring(1, part.length() - 1));
                if (at.parameter == null) at.parameter = new Place();
                at = at.parameter;
            } else {
                at = at.words.computeIfAbsent(part, _ -> new Place());
            }
        }
        if (!at.names.isEmpty() && !at.names.equals(names)) {
            throw new IllegalArgumentException("other names at the same place: " + template);
        }
        at.names = List.copyOf(names);
        return at;
    }

    Match match(String method, List<String> segments, boolean upgrade) {
        List<String> values = new ArrayList<>();
        Place place = find(root, segments, 0, values);
        if (place == null) return new Match.Unknown();
        Route route = upgrade && place.socket != null ? place.socket : place.methods.get(method);
        if (route == null && method.equals("HEAD")) route = place.methods.get("GET");
        if (route == null && method.equals("GET")) route = place.socket;
        if (route == null) return new Match.WrongMethod(allow(place));
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) parameters.put(place.names.get(i), values.get(i));
        return new Match.Found(route, parameters);
    }

    private static @Nullable Place find(
            Place at, List<String> segments, int index, List<String> values) {
        if (index == segments.size()) {
            return at.methods.isEmpty() && at.socket == null ? null : at;
        }
        Place word = at.words.get(segments.get(index));
        if (word != null) {
            Place found = find(word, segments, index + 1, values);
            if (found != null) return found;
        }
        if (at.parameter == null) return null;
        values.add(segments.get(index));
        Place found = find(at.parameter, segments, index + 1, values);
        if (found == null) values.removeLast();
        return found;
    }

    private static String allow(Place place) {
        TreeSet<String> methods = new TreeSet<>(place.methods.keySet());
        if (place.socket != null) methods.add("GET");
        if (methods.contains("GET")) methods.add("HEAD");
        methods.add("OPTIONS");
        return String.join(", ", methods);
    }
}
