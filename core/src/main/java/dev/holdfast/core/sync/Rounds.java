package dev.holdfast.core.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a client is to say in its next round, and what the last one showed, where an {@link Uplink}
 * speaks by posts. The server keeps nothing between rounds, so that some of what it says again must
 * not be heard again. Not thread-safe.
 */
public final class Rounds {
    private final List<Message> waiting = new ArrayList<>();
    private final Set<String> compared = new HashSet<>();
    private final Set<String> opened = new HashSet<>();
    private final Set<String> changed = new HashSet<>();
    private boolean took;
    private boolean busy;

    /** Keeps a message for the next round. */
    public void add(Message message) {
        switch (message) {
            // Each round begins with these as they are by then.
            case Message.Hello hello -> {}
            case Message.Subscribe subscribe -> {}
            // The next subscription says it, by its cursor; but there may be more to fetch.
            case Message.Took said -> took = true;
            default -> waiting.add(message);
        }
    }

    /** The whole next round, which begins with {@code greeting}. */
    public List<Message> next(List<Message> greeting) {
        List<Message> round = new ArrayList<>(greeting);
        round.addAll(waiting);
        compared.clear();
        for (Message message : waiting) {
            if (message instanceof Message.Have have) compared.add(have.scope());
        }
        busy = !waiting.isEmpty();
        waiting.clear();
        took = false;
        return round;
    }

    /** The answers that count. */
    public List<Message> answers(List<Message> answers, boolean welcomed) {
        opened.clear();
        changed.clear();
        List<Message> counted = new ArrayList<>();
        for (Message answer : answers) {
            boolean again =
                    switch (answer) {
                        case Message.Welcome welcome -> welcomed;
                        // It cannot know yet that it is being answered in this very round.
                        case Message.Compare compare -> compared.contains(compare.scope());
                        case Message.Opened said -> {
                            opened.add(said.scope());
                            yield false;
                        }
                        case Message.Changes changes -> {
                            changed.add(changes.scope());
                            busy = true;
                            yield false;
                        }
                        default -> false;
                    };
            if (!again) counted.add(answer);
        }
        return counted;
    }

    /** Scopes whose feed the server had nothing more of. */
    public Set<String> exhausted() {
        Set<String> exhausted = new HashSet<>(opened);
        exhausted.removeAll(changed);
        return exhausted;
    }

    /** Whether the next round should follow at once. */
    public boolean isMore() {
        return took || !waiting.isEmpty();
    }

    /** Whether the last round moved anything. */
    public boolean wasBusy() {
        return busy;
    }
}
