package dev.holdfast.steer.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.node.settings.SettingsFile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ChoiceTest {
    private static final String THREE =
            """
            policy: %s
            answers: %d
            endpoints:
              singapore: {addresses: [203.0.113.1], priority: 1, weight: 3, latitude: 1.35, longitude: 103.8}
              jakarta: {addresses: [203.0.113.2], priority: 2, weight: 1, latitude: -6.2, longitude: 106.8}
              sydney: {addresses: [203.0.113.3], priority: 3, weight: 0, latitude: -33.9, longitude: 151.2}
            """;

    @Test
    void failover_names_the_lowest_priority_that_works() {
        Pool pool = pool(THREE.formatted("failover", 1));
        assertThat(named(pool, StandingsOf.nobody())).containsExactly("singapore");
        assertThat(named(pool, StandingsOf.nobody().down("p/singapore")))
                .containsExactly("jakarta");
        assertThat(named(pool, StandingsOf.nobody().down("p/singapore", "p/jakarta")))
                .containsExactly("sydney");
    }

    @Test
    void all_down_answers_the_same_as_all_up() {
        for (String policy : List.of("failover", "weighted", "nearest")) {
            Pool pool = pool(THREE.formatted(policy, 3));
            Choice up = choice(pool, StandingsOf.nobody());
            Choice down =
                    choice(pool, StandingsOf.nobody().down("p/singapore", "p/jakarta", "p/sydney"));
            for (long seed = 0; seed < 100; seed++)
                assertThat(down.draw(seed)).as(policy).isEqualTo(up.draw(seed));
            assertThat(down.among()).isEqualTo(Choice.Among.ALL_DOWN);
        }
    }

    @Test
    void a_drained_endpoint_is_named_only_where_nothing_else_is_left() {
        Pool pool = pool(THREE.formatted("failover", 1));
        StandingsOf standings = StandingsOf.nobody().drained("p/singapore");
        assertThat(named(pool, standings)).containsExactly("jakarta");
        standings.down("p/jakarta", "p/sydney");
        assertThat(named(pool, standings)).containsExactly("jakarta");
        standings.drained("p/jakarta", "p/sydney");
        assertThat(named(pool, standings)).containsExactly("singapore");
        assertThat(choice(pool, standings).among()).isEqualTo(Choice.Among.ALL_DRAINED);
    }

    @Test
    void a_lot_falls_as_often_as_weights_say() {
        Choice choice = choice(pool(THREE.formatted("weighted", 1)), StandingsOf.nobody());
        SplittableRandom random = new SplittableRandom(5);
        Map<String, Integer> drawn = new HashMap<>();
        for (int i = 0; i < 20_000; i++)
            drawn.merge(names(choice, random.nextLong()).getFirst(), 1, Integer::sum);
        assertThat(drawn).doesNotContainKey("sydney");
        assertThat(drawn.getOrDefault("singapore", 0) / 20_000.0).isCloseTo(0.75, within(0.02));
    }

    @Test
    void an_endpoint_of_weight_0_is_named_where_those_with_weight_are_down() {
        Pool pool = pool(THREE.formatted("weighted", 1));
        assertThat(named(pool, StandingsOf.nobody().down("p/singapore", "p/jakarta")))
                .containsExactly("sydney");
    }

    @Test
    void an_answer_names_as_many_as_the_pool_says_and_none_twice() {
        Choice choice =
                choice(
                        pool(
                                """
                                policy: weighted
                                answers: 2
                                endpoints:
                                  a: {addresses: [203.0.113.1]}
                                  b: {addresses: [203.0.113.2]}
                                  c: {addresses: [203.0.113.3]}
                                """),
                        StandingsOf.nobody());
        for (long seed = 0; seed < 1000; seed++)
            assertThat(Long.bitCount(choice.draw(seed))).isEqualTo(2);
    }

    @Test
    void nearest_goes_by_the_great_circle_from_the_line() {
        Pool pool = pool(THREE.formatted("nearest", 1));
        Place melbourne = new Place(-37.8, 145.0);
        Choice choice = Choice.of(pool, "default", Optional.of(melbourne), StandingsOf.nobody());
        // Sydney has no weight, which counts only beside others that are chosen with it.
        assertThat(names(choice, 1)).containsExactly("sydney");
        assertThat(melbourne.kilometresTo(new Place(-33.9, 151.2))).isCloseTo(702, within(15.0));
        assertThat(new Place(0, 179.5).kilometresTo(new Place(0, -179.5)))
                .isCloseTo(111, within(1.0));
    }

    @Test
    void nearest_without_a_place_goes_by_priority() {
        Pool pool = pool(THREE.formatted("nearest", 1));
        assertThat(named(pool, StandingsOf.nobody())).containsExactly("singapore");
    }

    @Test
    void an_endpoint_of_other_lines_is_not_named() {
        Pool pool =
                pool(
                        """
                        endpoints:
                          everywhere: {addresses: [203.0.113.1], priority: 2}
                          within: {addresses: [10.0.0.1], priority: 1, lines: [inside]}
                        """);
        StandingsOf up = StandingsOf.nobody();
        assertThat(names(Choice.of(pool, "inside", Optional.empty(), up), 1))
                .containsExactly("within");
        Choice others = Choice.of(pool, "default", Optional.empty(), up.down("p/everywhere"));
        assertThat(names(others, 1)).containsExactly("everywhere");
        assertThat(others.considered().getLast().reason()).isEqualTo("not for the line default");
    }

    @Test
    void a_sticky_client_moves_only_when_its_endpoint_fails() {
        Pool pool =
                pool(
                        """
                        policy: weighted
                        sticky: true
                        endpoints:
                          a: {addresses: [203.0.113.1], weight: 1}
                          b: {addresses: [203.0.113.2], weight: 2}
                          c: {addresses: [203.0.113.3], weight: 3}
                        """);
        Choice all = choice(pool, StandingsOf.nobody());
        Choice without = choice(pool, StandingsOf.nobody().down("p/b"));
        assertThat(all.isSticky()).isTrue();
        int ofB = 0;
        for (int i = 0; i < 3000; i++) {
            long seed = Choice.seed(new byte[] {10, (byte) (i >> 8), (byte) i, 7}, 24);
            String before = names(all, seed).getFirst();
            String after = names(without, seed).getFirst();
            if (before.equals("b")) ofB++;
            else assertThat(after).isEqualTo(before);
        }
        assertThat(ofB / 3000.0).isCloseTo(1 / 3.0, within(0.04));
    }

    @Test
    void clients_of_one_network_have_one_seed() {
        long one = Choice.seed(new byte[] {10, 1, 2, 3}, 24);
        assertThat(Choice.seed(new byte[] {10, 1, 2, (byte) 200}, 24)).isEqualTo(one);
        assertThat(Choice.seed(new byte[] {10, 1, 3, 3}, 24)).isNotEqualTo(one);
    }

    private static Pool pool(String yaml) {
        return Pool.of("p", SettingsFile.parse(yaml, "pool.yaml", PoolSettings.class));
    }

    private static Choice choice(Pool pool, Standings standings) {
        return Choice.of(pool, "default", Optional.empty(), standings);
    }

    private static List<String> named(Pool pool, Standings standings) {
        return names(choice(pool, standings), 42);
    }

    private static List<String> names(Choice choice, long seed) {
        return choice.endpoints(choice.draw(seed)).stream()
                .map(endpoint -> endpoint.name().endpoint())
                .toList();
    }
}
