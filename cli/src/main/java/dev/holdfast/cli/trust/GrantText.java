package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * A grant as one line of base64url: what a file holds, and what stands behind {@code Authorization:
 * Bearer}. Whoever holds it may call the HTTP API as its subject, so only its owner may read the
 * file.
 */
public final class GrantText {
    private static final long MAX_BYTES = Limits.GRANT_BYTES / 3 * 4 + 100;

    private GrantText() {}

    public static String of(SignedGrant grant) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(grant.encoded().unsafeArray());
    }

    /**
     * Reads the text form.
     *
     * @throws MalformedException when it is not a grant's
     */
    public static SignedGrant parse(String text) {
        try {
            return SignedGrant.decode(Bytes.wrap(Base64.getUrlDecoder().decode(text.strip())));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("a grant is one line of base64url");
        }
    }

    public static void write(Path file, SignedGrant grant) {
        DurableFile.write(
                file,
                (of(grant) + "\n").getBytes(StandardCharsets.US_ASCII),
                DurableFile.Readers.OWNER);
    }

    /** The grant in {@code file}. */
    public static SignedGrant read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) throw new MalformedException("too long for a grant");
            return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new Failure(
                    "cannot read the grant " + file,
                    Files.exists(file) ? e.toString() : "there is no such file",
                    "holdfast grant issue --help",
                    e);
        } catch (MalformedException e) {
            throw new Failure(
                    file + " holds no grant",
                    String.valueOf(e.getMessage()),
                    "holdfast grant issue --help",
                    e);
        }
    }
}
