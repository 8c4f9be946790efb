package dev.holdfast.drill.sim;

import dev.holdfast.core.operation.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Who is there. Mostly small, since a small history finds most and is read soonest; now and then
 * large.
 *
 * @param regions which, and how they follow each other
 * @param liar whether the last edge lies
 * @param slowestMillis the latency of the network in quiet times
 * @param thinBytesPerSecond what the devices' own links carry, always; 0 for as much as there is
 * @param disguises whether the liar, if there is one, also pushes what is true as if it were not
 */
record Topology(
        Regions regions,
        List<String> scopes,
        int edges,
        boolean liar,
        List<Person> persons,
        boolean namer,
        boolean forker,
        int slowestMillis,
        int thinBytesPerSecond,
        boolean disguises) {
    /**
     * A device and who has it.
     *
     * @param edges the places of the edges that it knows; it takes any of them
     * @param region whether it knows the region too
     * @param schema the version of the application that it runs
     * @param photographs whether it writes large values
     * @param retainUntil the level up to which it answers for its own
     */
    record Person(
            List<String> scopes,
            List<Integer> edges,
            boolean region,
            int schema,
            boolean photographs,
            Durability retainUntil) {}

    static Topology draw(
            Random random, Regions regions, int thinBytesPerSecond, boolean disguises) {
        int size = random.nextInt(100);
        int scopeCount = 1 + random.nextInt(size < 80 ? 2 : 4);
        List<String> scopes = new ArrayList<>();
        for (int i = 1; i <= scopeCount; i++) scopes.add("scope-" + i);
        int edges = random.nextInt(size < 80 ? 4 : 6);
        int count =
                size < 70
                        ? World.between(random, 1, 5)
                        : size < 97 ? World.between(random, 4, 12) : World.between(random, 13, 50);
        boolean liar = edges > 0 && random.nextInt(4) == 0;
        boolean photographs = random.nextInt(25) == 0 && thinBytesPerSecond == 0;
        List<Person> persons = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Integer> known = new ArrayList<>();
            for (int edge = 0; edge < edges; edge++) if (random.nextInt(3) > 0) known.add(edge);
            boolean onlyTheLiar = liar && known.stream().allMatch(edge -> edge == edges - 1);
            boolean region = known.isEmpty() || onlyTheLiar || random.nextInt(3) == 0;
            List<String> own = new ArrayList<>(scopes);
            while (own.size() > 1 && random.nextInt(3) == 0) own.remove(random.nextInt(own.size()));
            persons.add(
                    new Person(
                            List.copyOf(own),
                            List.copyOf(known),
                            region,
                            random.nextInt(Schemas.VERSIONS.size()),
                            photographs && i == 0,
                            regions.retainUntil(i)));
        }
        return new Topology(
                regions,
                List.copyOf(scopes),
                edges,
                liar,
                List.copyOf(persons),
                random.nextInt(4) == 0,
                random.nextInt(3) == 0,
                World.between(random, 5, 80),
                thinBytesPerSecond,
                disguises);
    }
}
