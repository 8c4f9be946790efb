package dev.holdfast.core.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Merge;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Operations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is shown of a document in which concurrent entries stand. */
final class ViewTest {
    private final Document document = new Document();

    @Test
    void the_latest_reading_is_shown_and_then_the_greater_replica() {
        put(1, 20, Key.register("a"), "20");
        put(2, 30, Key.register("a"), "30");
        put(3, 10, Key.register("a"), "10");
        View view = view("lww");
        assertThat(json(view)).isEqualTo("{\"a\":30}");
        assertThat(hidden(view))
                .extracting(View.Hidden::value)
                .containsExactly(Value.of(20), Value.of(10));
        assertThat(hidden(view).get(0).dot()).isEqualTo(new Dot(Operations.replica(1), 1));
        assertThat(hidden(view).get(0).millis()).isEqualTo(20);
        put(4, 30, Key.register("a"), "40");
        assertThat(json(view("lww"))).isEqualTo("{\"a\":40}");
        assertThat(json(view("manual"))).isEqualTo("{\"a\":40}");
    }

    @Test
    void max_and_min_show_the_extreme_whatever_the_clocks_say() {
        put(1, 30, Key.register("a"), "2");
        put(2, 20, Key.register("a"), "10");
        put(3, 10, Key.register("a"), "9.5");
        assertThat(json(view("max"))).isEqualTo("{\"a\":10}");
        assertThat(json(view("min"))).isEqualTo("{\"a\":2}");
        assertThat(hidden(view("max")))
                .extracting(View.Hidden::value)
                .as("the latest first")
                .containsExactly(Value.of(2), Value.number(9.5));
        put(4, 5, Key.register("a"), "\"text\"");
        assertThat(json(view("max"))).as("what is no number is below them").isEqualTo("{\"a\":10}");
        assertThat(json(view("min"))).isEqualTo("{\"a\":\"text\"}");
    }

    @Test
    void great_integers_are_told_apart() {
        put(1, 10, Key.register("a"), "9007199254740993");
        put(2, 20, Key.register("a"), "9007199254740992");
        assertThat(json(view("max"))).isEqualTo("{\"a\":9007199254740993}");
    }

    @Test
    void equal_values_are_no_conflict() {
        put(1, 10, Key.register("a"), "{\"x\":1}");
        put(2, 20, Key.register("a"), "{\"x\":1}");
        assertThat(view("lww").conflicts()).isEmpty();
        put(3, 5, Key.register("a"), "7");
        assertThat(hidden(view("lww"))).hasSize(1);
    }

    @Test
    void what_is_deleted_does_not_exist() {
        assertThat(view("lww").exists()).isFalse();
        put(1, 10, Key.register("a"), "1");
        assertThat(view("lww").exists()).isTrue();
        put(2, 5, Key.deleted(), "true");
        View view = view("lww");
        assertThat(view.exists()).isFalse();
        assertThat(view.fields()).isEqualTo(Value.Map.EMPTY);
        assertThat(view.conflicts()).isEmpty();
    }

    @Test
    void fields_are_shown_on_top_of_a_concurrent_value_above_them() {
        put(1, 10, Key.register("a"), "{\"x\":1,\"y\":{\"z\":2}}");
        put(2, 20, Key.register("a.y.w"), "3");
        put(3, 20, Key.register("a!"), "4");
        assertThat(json(view("lww")))
                .isEqualTo("{\"a\":{\"x\":1,\"y\":{\"w\":3,\"z\":2}},\"a!\":4}");
        put(4, 30, Key.register("b"), "5");
        put(5, 10, Key.register("b.c"), "6");
        assertThat(view("lww").fields().fields().get("b")).isEqualTo(Json.parse("{\"c\":6}"));
        put(6, 1, Key.register(""), "{\"root\":7,\"b\":8}");
        assertThat(view("lww").fields().fields().get("root")).isEqualTo(Value.of(7));
        assertThat(view("lww").fields().fields().get("b")).isEqualTo(Json.parse("{\"c\":6}"));
    }

    @Test
    void of_kinds_at_one_path_a_counter_is_shown_before_a_set_and_a_set_before_a_register() {
        put(1, 10, Key.register("a"), "1");
        put(2, 10, Key.set("a", Value.of("x")), "true");
        assertThat(json(view("lww"))).isEqualTo("{\"a\":[\"x\"]}");
        put(3, 10, Key.counter("a"), "4");
        put(4, 10, Key.counter("a"), "-1");
        assertThat(json(view("lww"))).isEqualTo("{\"a\":3}");
    }

    @Test
    void a_counter_wraps_so_that_any_order_gives_the_same() {
        put(1, 10, Key.counter("a"), "9223372036854775807");
        put(2, 10, Key.counter("a"), "2");
        assertThat(View.sum(document, Key.counter("a"))).isEqualTo(Long.MIN_VALUE + 1);
    }

    @Test
    void kinds_that_are_not_known_here_are_kept_and_not_shown() {
        Key later = new Key("a", 77, Bytes.fromHex("820102"));
        put(1, 10, later, "{\"text\":\"runs\"}");
        put(2, 10, Key.register("b"), "1");
        assertThat(json(view("lww"))).isEqualTo("{\"b\":1}");
        Document read = Document.decode(document.encoded());
        assertThat(read.keys()).contains(later);
        assertThat(read.encoded()).isEqualTo(document.encoded());
    }

    @Test
    void every_order_of_concurrent_writes_shows_the_same() {
        Seeds.each(
                500,
                random -> {
                    List<Operation> operations = new ArrayList<>();
                    for (int i = 1; i <= 5; i++) {
                        Key key = Key.register(random.nextBoolean() ? "a" : "a.b");
                        Value value =
                                random.nextBoolean()
                                        ? Value.of(random.nextInt(3))
                                        : Value.number(0.5);
                        operations.add(operation(i, random.nextInt(3) + 1, key, value));
                    }
                    Document one = new Document();
                    Document other = new Document();
                    operations.forEach(operation -> Merge.apply(operation, one, NOTHING));
                    java.util.Collections.shuffle(operations, random);
                    operations.forEach(operation -> Merge.apply(operation, other, NOTHING));
                    for (Schema.Show show : Schema.Show.values()) {
                        assertThat(View.of(other, schema(show)))
                                .isEqualTo(View.of(one, schema(show)));
                    }
                });
    }

    private void put(int replica, long millis, Key key, String json) {
        Merge.apply(operation(replica, millis, key, Json.parse(json)), document, NOTHING);
    }

    private static Operation operation(int replica, long millis, Key key, Value value) {
        Dot dot = new Dot(Operations.replica(replica), 1);
        List<Edit> edits = List.of(Edit.put(key, value, List.of()));
        return new Operation(dot, Hlc.of(millis, 0), "c", "i", edits);
    }

    private View view(String show) {
        return View.of(
                document, schema(Schema.Show.valueOf(show.toUpperCase(java.util.Locale.ROOT))));
    }

    private static Schema.Collection schema(Schema.Show show) {
        Schema.Field field = new Schema.Field(Schema.Kind.REGISTER, show);
        return new Schema.Collection(Map.of("a", field), false, List.of());
    }

    private static List<View.Hidden> hidden(View view) {
        return Objects.requireNonNull(view.conflicts().get("a"));
    }

    private static String json(View view) {
        return Json.print(view.fields());
    }

    private static final Merge.Surroundings NOTHING =
            new Merge.Surroundings() {
                @Override
                public boolean seen(Dot dot) {
                    return false;
                }

                @Override
                public List<EarlyMark> marks(Dot dot) {
                    return List.of();
                }

                @Override
                public void addMark(EarlyMark mark) {}
            };
}
