package dev.holdfast.steer.pool;

/** One endpoint of one pool; shown as {@code pool/endpoint}. */
public record EndpointName(String pool, String endpoint) {
    public EndpointName {
        requireName(pool);
        requireName(endpoint);
    }

    /** The name that {@link #toString} shows. */
    public static EndpointName parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0)
            throw new IllegalArgumentException(
                    "an endpoint is named pool/endpoint, such as regions/singapore, not \""
                            + text
                            + "\"");
        return new EndpointName(text.substring(0, slash), text.substring(slash + 1));
    }

    /** Names stand in files, paths and answers, so they are short and plain. */
    static void requireName(String name) {
        boolean plain =
                !name.isEmpty()
                        && name.length() <= 63
                        && name.chars().allMatch(c -> c == '-' || c == '_' || c == '.' || plain(c));
        if (!plain)
            throw new IllegalArgumentException(
                    "a name has 1 to 63 of a-z, 0-9, '-', '_' and '.', unlike \"" + name + "\"");
    }

    private static boolean plain(int c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    }

    @Override
    public String toString() {
        return pool + "/" + endpoint;
    }
}
