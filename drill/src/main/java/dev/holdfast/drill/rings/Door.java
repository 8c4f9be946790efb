package dev.holdfast.drill.rings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A {@link DoorMain} from outside: what a program beside a member gets of the backbone. */
public final class Door implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Answers answers = new Answers();
    private final AtomicLong reachedNanos = new AtomicLong(Long.MIN_VALUE);
    private final Child child;

    /** Asks {@code of} the member that is reached at {@code target}. */
    public Door(Rings rings, BackboneRing ring, String of, String target) {
        child =
                rings.program(
                        "door-of-" + of,
                        ring.host(of),
                        DoorMain.class.getName(),
                        List.of(
                                Integer.toString(ring.door(of)),
                                target,
                                rings.deployment().caCertificate().toString()),
                        this::heard);
        child.awaitReady(READY_PATIENCE);
    }

    private void heard(String line) {
        if (line.equals("reached")) reachedNanos.set(System.nanoTime());
        else if (line.startsWith("status ")) answers.heard(line);
    }

    /** Whether an answer came after that moment; one that was asked for before may have. */
    public boolean reachedSince(long nanos) {
        return reachedNanos.get() - nanos > 0;
    }

    /** When the last answer came. */
    public long reachedNanos() {
        return reachedNanos.get();
    }

    /** How the member says that links and ways stand. */
    public JsonNode status() {
        answers.clear();
        if (!child.send("status"))
            throw new DrillException("a client of a door is gone: " + child.lastWords());
        String line = answers.await(any -> true, ANSWER_PATIENCE).getFirst();
        try {
            return JSON.readTree(line.substring("status ".length()));
        } catch (IOException e) {
            throw new DrillException("a door says what is no JSON: " + line, e);
        }
    }

    /** The way that it goes now. */
    public List<String> way(String member) {
        List<String> way = new ArrayList<>();
        for (JsonNode route : status().path("routes")) {
            if (!route.path("member").asText().equals(member)) continue;
            route.path("fresh").forEach(each -> way.add(each.asText()));
        }
        return way;
    }

    @Override
    public void close() {
        child.close();
    }
}
