package dev.holdfast.region.log;

import java.util.Map;

/**
 * One message for the log: bytes that the log does not look into, the scope whose order they keep,
 * and properties for whoever reads the log without opening the body (request id, trace).
 *
 * <p>A class and not a record, since a record of an array would compare by identity without saying
 * so. Immutable as far as its users keep to it: the body is not copied.
 */
public final class LogRecord {
    /** Twice the protocol's limit for a transaction, so that an envelope always fits. */
    public static final int BODY_BYTES_MAX = 2 << 20;

    /** All keys and values together, in characters; RocketMQ's own limit is 32,767 bytes. */
    public static final int PROPERTIES_CHARS_MAX = 4_096;

    /** The property that carries the scope; not to be set by the caller. */
    static final String SCOPE_PROPERTY = "scope";

    private final String scope;
    private final byte[] body;
    private final Map<String, String> properties;

    /**
     * @param scope what is kept in order: records of one scope come out as they went in
     * @param body 1 to {@value #BODY_BYTES_MAX} bytes; not to be changed afterwards
     * @param properties without control characters, no empty values, none named {@code scope}
     */
    public LogRecord(String scope, byte[] body, Map<String, String> properties) {
        if (scope.isBlank() || hasControl(scope))
            throw new IllegalArgumentException("not a scope: \"" + scope + "\"");
        if (body.length == 0 || body.length > BODY_BYTES_MAX)
            throw new IllegalArgumentException(
                    "body of " + body.length + " bytes, not 1 to " + BODY_BYTES_MAX);
        int chars = 0;
        for (var property : properties.entrySet()) {
            String key = property.getKey();
            String value = property.getValue();
            // RocketMQ separates properties by control characters and drops empty ones.
            if (key.isBlank() || value.isBlank() || hasControl(key) || hasControl(value))
                throw new IllegalArgumentException("property \"" + key + "\" cannot be carried");
            if (key.equals(SCOPE_PROPERTY))
                throw new IllegalArgumentException("the property \"scope\" is the log's own");
            chars += key.length() + value.length();
        }
        if (chars > PROPERTIES_CHARS_MAX)
            throw new IllegalArgumentException(
                    chars + " characters of properties, at most " + PROPERTIES_CHARS_MAX);
        this.scope = scope;
        this.body = body;
        this.properties = Map.copyOf(properties);
    }

    /**
     * What came out of the log, whoever wrote it: not judged, so that a stranger's message reaches
     * the worker, who puts it into quarantine, instead of stopping the reader.
     */
    static LogRecord received(String scope, byte[] body, Map<String, String> properties) {
        return new LogRecord(properties, scope, body);
    }

    private LogRecord(Map<String, String> properties, String scope, byte[] body) {
        this.scope = scope;
        this.body = body;
        this.properties = Map.copyOf(properties);
    }

    public String scope() {
        return scope;
    }

    /** The bytes themselves, not a copy. */
    public byte[] body() {
        return body;
    }

    public Map<String, String> properties() {
        return properties;
    }

    /** What it takes in a batch, at most about. */
    int sizeBytes() {
        int chars = scope.length();
        for (var property : properties.entrySet())
            chars += property.getKey().length() + property.getValue().length();
        return body.length + 3 * chars + 256;
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    @Override
    public String toString() {
        return "LogRecord[" + scope + ", " + body.length + " bytes, " + properties + "]";
    }
}
