package dev.holdfast.node.grants;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SignedYaml;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A {@link RevocationList} as it lies in a file and travels. */
public record SignedRevocations(RevocationList list, String text) {
    /** The longest, signature included: room for more than the most keys with short words. */
    public static final int MAX_BYTES = 2 << 20;

    private static final SignedYaml<Written> FORM =
            new SignedYaml<>(
                    Written.class,
                    "holdfast revocations 1",
                    "a list of what is revoked",
                    "holdfast grant revoke",
                    MAX_BYTES);

    /**
     * What stands in a file.
     *
     * @param revoked by the public key in hexadecimal
     */
    record Written(long serial, Map<String, Said> revoked, String signature) {
        Written {
            if (serial < 1) throw new IllegalArgumentException("serial is at least 1");
            list(serial, revoked); // refuses what is wrong
        }

        private static RevocationList list(long serial, Map<String, Said> revoked) {
            Map<Bytes, Revocation> all = new LinkedHashMap<>();
            revoked.forEach((hex, said) -> {
                Revocation word =
                        new Revocation(key(hex), said.subject(), said.instant(), said.reason());
                all.put(word.publicKey(), word);
            });
            return new RevocationList(serial, all);
        }

        private static Bytes key(String hex) {
            try {
                return Bytes.fromHex(hex);
            } catch (MalformedException e) {
                throw new IllegalArgumentException("a public key has 64 hexadecimal digits", e);
            }
        }
    }

    /**
     * What is said of a key.
     *
     * @param at in ISO 8601
     */
    record Said(String subject, String at, Optional<String> reason) {
        Said {
            instant(at);
        }

        Instant instant() {
            return instant(at);
        }

        private static Instant instant(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw new IllegalArgumentException("at is such as 2026-12-01T08:00:00Z", e);
            }
        }
    }

    /**
     * Signs.
     *
     * @param signer makes the 64-byte signature of a text
     * @throws IllegalArgumentException when it is too long, or was never counted
     */
    public static SignedRevocations sign(RevocationList list, UnaryOperator<Bytes> signer) {
        if (list.serial() < 1) throw new IllegalArgumentException("serial is at least 1");
        return new SignedRevocations(list, FORM.sign(write(list), signer));
    }

    /**
     * Reads a signed one.
     *
     * @throws SettingsException when it cannot be read, is not in form, or none of {@code
     *     authorities} has signed it
     */
    public static SignedRevocations load(Path file, Set<Bytes> authorities, Verifier verifier) {
        return parse(FORM.read(file), file.toString(), authorities, verifier);
    }

    /** As {@link #load}, from text; {@code origin} names it in problems. */
    public static SignedRevocations parse(
            String text, String origin, Set<Bytes> authorities, Verifier verifier) {
        Written written = FORM.parse(text, origin, authorities, verifier);
        return new SignedRevocations(Written.list(written.serial(), written.revoked()), text);
    }

    private static String write(RevocationList list) {
        StringBuilder out = new StringBuilder();
        out.append("# What is revoked, signed: any change makes it worthless. \"holdfast grant")
                .append(" revoke\" makes the next one.\nserial: ")
                .append(list.serial())
                .append(list.revoked().isEmpty() ? "\nrevoked: {}\n" : "\nrevoked:\n");
        for (Revocation each : list.revoked().values()) {
            out.append("  \"").append(each.publicKey().hex()).append("\": {subject: ");
            quoted(each.subject(), out);
            out.append(", at: \"").append(each.at()).append('"');
            each.reason()
                    .ifPresent(reason -> {
                        out.append(", reason: ");
                        quoted(reason, out);
                    });
            out.append("}\n");
        }
        return out.toString();
    }

    /** People's words, of which nothing may be taken for YAML. */
    private static void quoted(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c >= ' ' && c <= '~') out.append(c);
            else out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        }
        out.append('"');
    }
}
