package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * What a machine has asked of its driver, and what it will do with each answer. Signing and
 * verifying are questions, since in a browser their answers come later.
 *
 * @param <A> the machine's actions
 */
final class Questions<A> {
    private final Map<Long, BiFunction<Object, Long, List<A>>> open = new HashMap<>();
    private long nextId = 1;

    /** Asks something whose answer is a list of booleans, one for each check. */
    @SuppressWarnings("unchecked") // the machine brings exactly this type for this id
    long checks(BiFunction<List<Boolean>, Long, List<A>> then) {
        return ask((answer, now) -> then.apply((List<Boolean>) answer, now));
    }

    long signature(BiFunction<Bytes, Long, List<A>> then) {
        return ask((answer, now) -> then.apply((Bytes) answer, now));
    }

    /** Asks something whose answer is whatever the event with this id carries. */
    long ask(BiFunction<Object, Long, List<A>> then) {
        long id = nextId++;
        open.put(id, then);
        return id;
    }

    /** An answer to a question that nobody asked, or twice, is passed over. */
    List<A> answer(long id, Object answer, long nowMillis) {
        BiFunction<Object, Long, List<A>> then = open.remove(id);
        return then == null ? List.of() : then.apply(answer, nowMillis);
    }

    boolean isEmpty() {
        return open.isEmpty();
    }
}
