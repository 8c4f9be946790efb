package dev.holdfast.node.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request's path and query, decoded once and by the strict reading: the path is cut at {@code /}
 * first and each part decoded after, and a part that could mean something else to anybody else
 * (dots, slashes in either direction, control characters, broken UTF-8) is refused, not repaired.
 *
 * @param segments the decoded parts; none is empty
 * @param folder whether the path ends with a slash, which names a folder of a site and nothing else
 * @param query by name, the values in their order
 */
record RequestTarget(List<String> segments, boolean folder, Map<String, List<String>> query) {
    static final int MAX_SEGMENTS = 32;
    static final int MAX_PARAMETERS = 64;

    RequestTarget {
        segments = List.copyOf(segments);
    }

    /**
     * Reads a request line's target.
     *
     * @throws ProblemException {@code bad-path}
     */
    static RequestTarget parse(String target) {
        String path = withoutAuthority(target);
        int fragment = path.indexOf('#');
        if (fragment >= 0) throw refused("A fragment is not part of a request.");
        int mark = path.indexOf('?');
        String query = mark < 0 ? "" : path.substring(mark + 1);
        String named = mark < 0 ? path : path.substring(0, mark);
        return new RequestTarget(
                segments(named), named.length() > 1 && named.endsWith("/"), parameters(query));
    }

    /** A proxy's client sends the whole address; what it names is for us all the same. */
    private static String withoutAuthority(String target) {
        if (target.startsWith("/")) return target;
        int scheme = target.startsWith("https://") ? 8 : target.startsWith("http://") ? 7 : -1;
        if (scheme < 0) throw refused("A path begins with a slash.");
        int slash = target.indexOf('/', scheme);
        return slash < 0 ? "/" : target.substring(slash);
    }

    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        int from = 1;
        while (from < path.length()) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            String segment = Percent.decode(path, from, to, false);
            if (segment == null) throw refused("A part of the path is not percent-encoded UTF-8.");
            require(segment);
            if (segments.size() == MAX_SEGMENTS)
                throw refused("More than " + MAX_SEGMENTS + " parts.");
            segments.add(segment);
            from = to + 1;
        }
        return segments;
    }

    private static void require(String segment) {
        if (segment.isEmpty()) throw refused("A part of the path is empty.");
        if (segment.equals(".") || segment.equals(".."))
            throw refused("A part of the path is only dots.");
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '/' || c == '\\') throw refused("A part of the path has a slash within.");
            if (Character.isISOControl(c))
                throw refused("A part of the path has a control character within.");
        }
    }

    private static Map<String, List<String>> parameters(String query) {
        if (query.isEmpty()) return Map.of();
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        int count = 0;
        for (String pair : query.split("&", MAX_PARAMETERS + 2)) {
            if (pair.isEmpty()) continue;
            if (++count > MAX_PARAMETERS)
                throw refused("More than " + MAX_PARAMETERS + " query parameters.");
            int equals = pair.indexOf('=');
            int end = equals < 0 ? pair.length() : equals;
            String name = Percent.decode(pair, 0, end, true);
            String value = equals < 0 ? "" : Percent.decode(pair, equals + 1, pair.length(), true);
            if (name == null || value == null)
                throw refused("The query is not percent-encoded UTF-8.");
            parameters.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return parameters;
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(Problem.badPath(detail));
    }
}
