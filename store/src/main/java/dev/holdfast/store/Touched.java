package dev.holdfast.store;

import dev.holdfast.core.operation.DocumentId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What a transaction changed so far, per scope, for those who are told after the commit. */
final class Touched {
    private final Map<String, InScope> scopes = new LinkedHashMap<>();

    static final class InScope {
        final Set<DocumentId> documents = new LinkedHashSet<>();
        boolean every;
        boolean feed;
        boolean outbox;
        boolean unsealed;

        void add(Collection<DocumentId> more) {
            if (every) return;
            documents.addAll(more);
            if (documents.size() <= Committed.MAX_DOCUMENTS) return;
            every = true;
            documents.clear();
        }
    }

    Map<String, InScope> scopes() {
        return scopes;
    }

    InScope in(String scope) {
        return scopes.computeIfAbsent(scope, none -> new InScope());
    }

    void add(Touched other) {
        other.scopes.forEach((scope, more) -> {
            InScope mine = in(scope);
            mine.add(more.documents);
            if (more.every) {
                mine.every = true;
                mine.documents.clear();
            }
            mine.feed |= more.feed;
            mine.outbox |= more.outbox;
            mine.unsealed |= more.unsealed;
        });
        other.clear();
    }

    void clear() {
        scopes.clear();
    }
}
