package dev.holdfast.core.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Seeds;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operations;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The law that everything rests on: equal contexts, equal documents, in whatever order, with
 * duplicates, gaps and malice. As {@code merge_model.py}, with the real classes and clock
 * corrections.
 */
final class ConvergenceTest {
    @Test
    void nodes_that_saw_the_same_have_the_same_bytes() {
        Seeds.each(400, ConvergenceTest::run);
    }

    private static void run(Random random) {
        List<RandomWriter> writers = new ArrayList<>();
        for (int i = 2 + random.nextInt(4); i > 0; i--) writers.add(new RandomWriter(i, random));
        List<Batch> log = new ArrayList<>();
        for (int step = 5 + random.nextInt(60); step > 0; step--) {
            RandomWriter writer = writers.get(random.nextInt(writers.size()));
            if (log.isEmpty() || random.nextDouble() < 0.45) {
                log.add(writer.write(writers));
            } else {
                writer.receive(log.get(random.nextInt(log.size())));
                if (random.nextInt(5) == 0) agrees(writer);
            }
        }
        for (RandomWriter writer : writers) {
            List<Batch> rest = new ArrayList<>(log);
            rest.addAll(log.subList(0, random.nextInt(log.size())));
            Collections.shuffle(rest, random);
            rest.forEach(writer::receive);
        }
        MemoryScope first = scope(writers.get(0));
        for (RandomWriter writer : writers) {
            MemoryScope scope = scope(writer);
            assertThat(scope.context).isEqualTo(first.context);
            assertThat(scope.documents).isEqualTo(first.documents);
            assertThat(scope.feed).hasSize(log.size());
            agrees(writer);
            assertThat(scope.marks.keySet()).noneMatch(writer.naive::seen);
            assertThat(marks(scope)).isEqualTo(marks(first));
        }
    }

    private static MemoryScope scope(RandomWriter writer) {
        return Objects.requireNonNull(writer.store.scopes.get(Operations.SCOPE));
    }

    private static Set<EarlyMark> marks(MemoryScope scope) {
        Set<EarlyMark> marks = new HashSet<>();
        scope.marks.values().forEach(marks::addAll);
        return marks;
    }

    /** The real node and the naive one have the same entries. */
    private static void agrees(RandomWriter writer) {
        Map<DocumentId, Map<Key, Map<Dot, Entry>>> real = new TreeMap<>();
        scope(writer)
                .documents
                .forEach((id, bytes) -> {
                    Document document = Document.decode(bytes);
                    assertThat(document.encoded()).isEqualTo(bytes);
                    Map<Key, Map<Dot, Entry>> keys = new TreeMap<>();
                    document.keys().forEach(key -> keys.put(key, document.at(key)));
                    real.put(id, keys);
                });
        assertThat(real).isEqualTo(writer.naive.documents());
    }
}
