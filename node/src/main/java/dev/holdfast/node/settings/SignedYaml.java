package dev.holdfast.node.settings;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.keys.Verifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What the deployment's authority says to all nodes, as it lies in a file and travels: YAML whose
 * last line is the signature of all that stands before it, by the key that signs grants. People can
 * read it, and nobody can change it. Immutable.
 *
 * @param <R> the record that it is read into; it must have a component {@code signature}
 */
public final class SignedYaml<R extends Record> {
    private static final String SIGNATURE = "signature: ";

    private final Class<R> form;
    private final Bytes domain;
    private final String what;
    private final String command;
    private final int maxBytes;

    /**
     * @param domain what the signed text begins with, so that it is taken for nothing else
     * @param what it is, for people, such as {@code a topology}
     * @param command that makes a signed one
     * @param maxBytes the longest, signature included
     */
    public SignedYaml(Class<R> form, String domain, String what, String command, int maxBytes) {
        this.form = form;
        this.domain = SignatureCheck.domain(domain);
        this.what = what;
        this.command = command;
        this.maxBytes = maxBytes;
    }

    /**
     * The text with its signature.
     *
     * @param body ends with a line break
     * @param signer makes the 64-byte signature of a text
     * @throws IllegalArgumentException when that is too long
     */
    public String sign(String body, UnaryOperator<Bytes> signer) {
        String text = body + SIGNATURE + signer.apply(signedText(body)).hex() + "\n";
        if (bytes(text).size() > maxBytes)
            throw new IllegalArgumentException("over " + new ByteSize(maxBytes));
        return text;
    }

    /**
     * The text in {@code file}, whatever it is.
     *
     * @throws SettingsException when it cannot be read, or is too long
     */
    public String read(Path file) {
        try {
            if (!Files.exists(file)) throw refused(file.toString(), "there is no such file");
            if (Files.size(file) > maxBytes)
                throw refused(
                        file.toString(),
                        "over " + new ByteSize(maxBytes) + ", too long for " + what);
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw refused(file.toString(), "cannot be read: " + e);
        }
    }

    /**
     * Reads a signed one.
     *
     * @param origin names it in problems
     * @throws SettingsException when it is not in form, or none of {@code authorities} has signed
     *     it
     */
    public R parse(String text, String origin, Set<Bytes> authorities, Verifier verifier) {
        int at = text.lastIndexOf("\n" + SIGNATURE) + 1;
        if (at == 0)
            throw refused(origin, "it is not signed: \"" + command + "\" makes a signed one");
        String body = text.substring(0, at);
        Bytes signature = signature(text.substring(at + SIGNATURE.length()).strip(), origin);
        Bytes signed = signedText(body);
        // Looked at first: nothing of what others wrote is read before it is known whose it is.
        if (authorities.stream().noneMatch(key -> verifier.verify(key, signed, signature)))
            throw refused(
                    origin,
                    "its signature is by none of the authorities, or it was changed after it was"
                            + " signed: sign it again with the deployment's keys");
        return SettingsFile.parse(text, origin, form);
    }

    private static Bytes signature(String hex, String origin) {
        try {
            return Bytes.fromHex(hex);
        } catch (MalformedException e) {
            throw refused(origin, "its signature is not hexadecimal");
        }
    }

    private static SettingsException refused(String origin, String why) {
        return new SettingsException(List.of(origin + ": " + why));
    }

    private Bytes signedText(String body) {
        return domain.concat(Sha256.of(bytes(body)));
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
