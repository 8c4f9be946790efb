package dev.holdfast.node.api;

import dev.holdfast.core.Sha256;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.node.http.Request;
import java.util.Optional;

/** What a caller expects to find (RFC 9110, section 13.1), and the tags that say what is there. */
final class Expectation {
    private static final int TAG_BYTES = 16;
    private static final int MAX_TAGS = 64;

    private final Optional<String> match;
    private final Optional<String> noneMatch;

    private Expectation(Optional<String> match, Optional<String> noneMatch) {
        this.match = match;
        this.noneMatch = noneMatch;
    }

    static Expectation of(Request request) {
        return new Expectation(request.header("If-Match"), request.header("If-None-Match"));
    }

    /** The entity tag of a state: two nodes with the same state give the same one. */
    static String tag(Document state) {
        return '"' + Sha256.of(state.encoded()).slice(0, TAG_BYTES).hex() + '"';
    }

    boolean holds(Document state) {
        boolean exists = View.of(state, Schema.Collection.DEFAULT).exists();
        boolean matches = match.isEmpty() || exists && names(match.get(), tag(state));
        boolean spared = noneMatch.isEmpty() || !exists || !names(noneMatch.get(), tag(state));
        return matches && spared;
    }

    /** Whether the caller has this very state, so that it need not be sent. */
    boolean has(Document state) {
        return noneMatch.isPresent() && names(noneMatch.get(), tag(state));
    }

    @Override
    public String toString() {
        return match.orElse("") + '\n' + noneMatch.orElse("");
    }

    private static boolean names(String header, String tag) {
        for (String one : header.split(",", MAX_TAGS)) {
            String named = one.strip();
            if (named.equals("*") || named.equals(tag)) return true;
        }
        return false;
    }
}
