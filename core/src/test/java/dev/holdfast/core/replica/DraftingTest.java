package dev.holdfast.core.replica;

import static dev.holdfast.core.replica.Writer.P1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an application asks for, and what becomes of it. */
final class DraftingTest {
    private static final DocumentId NOTE = new DocumentId("notes", "n1");

    private final Writer amina = new Writer(1);
    private final Writer bola = new Writer(2);

    @Test
    void a_put_document_is_shown_as_it_was_put() {
        Seeds.each(
                300,
                random -> {
                    Writer writer = new Writer(1);
                    for (int i = 0; i < 4; i++) {
                        Value.Map document = document(random);
                        writer.write(new Change.Put("", document));
                        assertThat(writer.view().exists()).isTrue();
                        assertThat(writer.view().fields()).isEqualTo(document);
                        assertThat(writer.view().conflicts()).isEmpty();
                        assertThat(writer.write(new Change.Put("", document)).isNothing()).isTrue();
                    }
                });
    }

    @Test
    void a_delete_takes_out_all_that_stands_however_much_it_is() {
        for (int i = 0; i < 2 * Limits.OVER_PER_EDIT + 500; i++)
            amina.write(new Change.Increment("visits", 1));
        amina.put("name", "\"Amina\"");
        Writer.exchange(amina, bola);
        assertThat(bola.json()).isEqualTo("{\"name\":\"Amina\",\"visits\":2500}");
        Author.Written written = bola.write(new Change.Delete());
        assertThat(written.last() - written.first() + 1).isEqualTo(3);
        assertThat(bola.document(P1).isEmpty()).isTrue();
        assertThat(bola.seal()).hasSize(1);
        Writer.exchange(amina, bola);
        assertThat(amina.document(P1).isEmpty()).isTrue();
    }

    @Test
    void a_put_replaces_all_that_stands_however_much_it_is() {
        for (int i = 0; i < Limits.OVER_PER_EDIT + 1; i++)
            amina.write(new Change.Increment("a.b", 1));
        amina.put("a", "7");
        assertThat(amina.json()).isEqualTo("{\"a\":7}");
        assertThat(amina.document(P1).keys()).containsExactly(Key.register("a"));
        Writer.exchange(amina, bola);
        assertThat(bola.document(P1).encoded()).isEqualTo(amina.document(P1).encoded());
    }

    @Test
    void only_what_differs_is_written() {
        amina.put("", "{\"name\":\"Amina\",\"city\":\"Lagos\",\"age\":30}");
        assertThat(edits(amina)).isEqualTo(3);
        amina.seal();
        amina.put("", "{\"name\":\"Amina\",\"city\":\"Abuja\"}");
        assertThat(edits(amina)).as("one put, one removal").isEqualTo(2);
        assertThat(amina.json()).isEqualTo("{\"city\":\"Abuja\",\"name\":\"Amina\"}");
    }

    @Test
    void a_field_put_leaves_the_others() {
        amina.put("", "{\"name\":\"Amina\",\"address\":{\"city\":\"Lagos\",\"street\":\"1\"}}");
        amina.put("address.city", "\"Abuja\"");
        amina.write(new Change.Unset("address.street"));
        assertThat(amina.json()).isEqualTo("{\"name\":\"Amina\",\"address\":{\"city\":\"Abuja\"}}");
        amina.write(new Change.Unset("address"));
        assertThat(amina.json()).isEqualTo("{\"name\":\"Amina\"}");
        assertThat(amina.write(new Change.Unset("address")).isNothing()).isTrue();
    }

    @Test
    void a_value_replaces_what_stood_below_it_and_is_replaced_by_what_is_put_below() {
        amina.put("address", "{\"city\":\"Lagos\",\"geo\":{\"lat\":1.5}}");
        amina.put("address", "\"unknown\"");
        assertThat(amina.json()).isEqualTo("{\"address\":\"unknown\"}");
        assertThat(amina.document(P1).keys()).containsExactly(Key.register("address"));
        amina.put("address.geo.lat", "2.5");
        assertThat(amina.json()).isEqualTo("{\"address\":{\"geo\":{\"lat\":2.5}}}");
        assertThat(amina.document(P1).keys()).containsExactly(Key.register("address.geo.lat"));
    }

    @Test
    void a_name_that_begins_like_another_is_not_below_it() {
        amina.put("", "{\"a\":1,\"ab\":2,\"a-b\":3}");
        amina.write(new Change.Unset("a"));
        assertThat(amina.json()).isEqualTo("{\"ab\":2,\"a-b\":3}");
    }

    @Test
    void a_counter_put_to_a_number_gets_the_difference() {
        amina.write(new Change.Increment("visits", 5));
        bola.write(new Change.Increment("visits", 2));
        Writer.exchange(amina, bola);
        assertThat(amina.put("visits", "7").isNothing()).isTrue();
        amina.put("visits", "10");
        bola.write(new Change.Increment("visits", 1));
        Writer.exchange(amina, bola);
        assertThat(amina.json()).isEqualTo("{\"visits\":11}").isEqualTo(bola.json());
        assertThatThrownBy(() -> amina.put("visits", "\"many\""))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> amina.put("visits", "1.5")).isInstanceOf(MalformedException.class);
    }

    @Test
    void a_counter_is_one_for_an_author_whose_schema_does_not_name_it() {
        DocumentId other = new DocumentId("others", "o");
        amina.write(other, new Change.Increment("n", 3));
        amina.write(other, new Change.Put("n", Value.of(5)));
        assertThat(amina.document(other).keys()).containsExactly(Key.counter("n"));
        assertThat(amina.view(other).fields()).isEqualTo(Json.parse("{\"n\":5}"));
    }

    @Test
    void own_counter_entries_are_folded_once_they_are_in_the_record_and_not_before() {
        amina.write(new Change.Increment("visits", 1));
        var first = amina.seal().get(0);
        amina.write(new Change.Increment("visits", 2));
        assertThat(counters(amina)).as("the first is not yet confirmed").isEqualTo(2);
        var second = amina.seal().get(0);
        amina.confirm(first, Durability.APPLIED);
        amina.write(new Change.Increment("visits", 4));
        assertThat(counters(amina)).as("the first was folded").isEqualTo(2);
        var third = amina.seal().get(0);
        amina.confirm(second, Durability.REGION);
        amina.write(new Change.Increment("visits", 8));
        assertThat(counters(amina)).as("REGION is not enough").isEqualTo(3);
        amina.confirm(second, Durability.APPLIED);
        amina.confirm(third, Durability.APPLIED);
        bola.receiveAll(List.of(third, first, second));
        bola.receiveAll(amina.seal());
        assertThat(bola.json()).isEqualTo("{\"visits\":15}").isEqualTo(amina.json());
    }

    @Test
    void increments_of_one_call_add_up() {
        amina.write(new Change.Increment("visits", 1), new Change.Increment("visits", 2));
        assertThat(amina.json()).isEqualTo("{\"visits\":3}");
        amina.write(new Change.Put("visits", Value.of(10)), new Change.Increment("visits", 1));
        assertThat(amina.json()).isEqualTo("{\"visits\":11}");
    }

    @Test
    void an_element_added_concurrently_survives_its_removal() {
        amina.write(new Change.Add("tags", Value.of("x")), new Change.Add("tags", Value.of("y")));
        Writer.exchange(amina, bola);
        amina.write(new Change.Remove("tags", Value.of("x")));
        bola.write(new Change.Add("tags", Value.of("x")));
        bola.write(new Change.Remove("tags", Value.of("y")));
        Writer.exchange(amina, bola);
        assertThat(amina.json()).isEqualTo("{\"tags\":[\"x\"]}").isEqualTo(bola.json());
        assertThat(amina.write(new Change.Remove("tags", Value.of("z"))).isNothing()).isTrue();
    }

    @Test
    void a_set_put_as_a_list_gains_and_loses_elements() {
        amina.put("tags", "[\"x\",\"y\",{\"a\":1}]");
        amina.seal();
        amina.put("tags", "[\"y\",{\"a\":1},\"z\",\"z\"]");
        assertThat(edits(amina)).isEqualTo(2);
        assertThat(amina.json()).isEqualTo("{\"tags\":[\"y\",\"z\",{\"a\":1}]}");
        assertThatThrownBy(() -> amina.put("tags", "1")).isInstanceOf(MalformedException.class);
    }

    @Test
    void a_deleted_document_leaves_nothing_and_can_be_written_again() {
        amina.put("", "{\"name\":\"Amina\",\"visits\":2,\"tags\":[\"x\"]}");
        amina.write(new Change.Delete());
        assertThat(amina.view().exists()).isFalse();
        assertThat(amina.document(P1).isEmpty()).isTrue();
        assertThat(amina.write(new Change.Delete()).isNothing()).isTrue();
        amina.put("name", "\"Again\"");
        assertThat(amina.json()).isEqualTo("{\"name\":\"Again\"}");
    }

    @Test
    void an_update_that_did_not_see_a_delete_brings_the_document_back() {
        amina.put("", "{\"name\":\"Amina\",\"city\":\"Lagos\"}");
        Writer.exchange(amina, bola);
        amina.write(new Change.Delete());
        bola.put("name", "\"Bola\"");
        Writer.exchange(amina, bola);
        assertThat(amina.json()).isEqualTo("{\"name\":\"Bola\"}").isEqualTo(bola.json());
    }

    @Test
    void where_deletes_win_one_holds_until_a_write_that_saw_it() {
        amina.write(NOTE, new Change.Put("", Json.parse("{\"text\":\"a\",\"by\":\"amina\"}")));
        Writer.exchange(amina, bola);
        amina.write(NOTE, new Change.Delete());
        bola.write(NOTE, new Change.Put("text", Value.of("b")));
        Writer.exchange(amina, bola);
        assertThat(amina.view(NOTE).exists()).isFalse();
        assertThat(bola.view(NOTE).exists()).isFalse();
        bola.write(NOTE, new Change.Put("", Json.parse("{\"text\":\"c\"}")));
        Writer.exchange(amina, bola);
        assertThat(amina.view(NOTE).fields()).isEqualTo(Json.parse("{\"text\":\"c\"}"));
        assertThat(amina.document(NOTE).keys()).containsExactly(Key.register("text"));
    }

    @Test
    void a_write_of_what_stands_hidden_under_a_delete_ends_the_delete() {
        amina.write(NOTE, new Change.Put("text", Value.of("a")));
        Writer.exchange(amina, bola);
        amina.write(NOTE, new Change.Delete());
        bola.write(NOTE, new Change.Put("text", Value.of("b")));
        Writer.exchange(amina, bola);
        amina.write(NOTE, new Change.Put("text", Value.of("b")));
        assertThat(amina.view(NOTE).exists()).isTrue();
        assertThat(amina.view(NOTE).fields()).isEqualTo(Json.parse("{\"text\":\"b\"}"));
    }

    @Test
    void a_delete_of_what_is_deleted_already_writes_nothing() {
        amina.write(NOTE, new Change.Put("text", Value.of("a")));
        amina.write(NOTE, new Change.Delete());
        assertThat(amina.write(NOTE, new Change.Delete()).isNothing()).isTrue();
        assertThat(amina.view(NOTE).exists()).isFalse();
    }

    @Test
    void a_document_without_fields_exists() {
        amina.put("", "{}");
        assertThat(amina.view().exists()).isTrue();
        assertThat(amina.json()).isEqualTo("{}");
        assertThat(amina.put("", "{}").isNothing()).isTrue();
        amina.put("", "{\"a\":{}}");
        assertThat(amina.json()).isEqualTo("{\"a\":{}}");
        amina.put("a.b", "1");
        assertThat(amina.json()).isEqualTo("{\"a\":{\"b\":1}}");
    }

    @Test
    void of_changes_in_one_call_the_later_counts() {
        amina.put("", "{\"visits\":3,\"tags\":[\"x\"],\"name\":\"Amina\"}");
        amina.write(new Change.Increment("visits", 2), new Change.Put("visits", Value.of(5)));
        assertThat(amina.field("visits")).isEqualTo(Value.of(5));
        amina.write(
                new Change.Remove("tags", Value.of("x")),
                new Change.Put("tags", Value.array(Value.of("x"))));
        assertThat(amina.field("tags")).isEqualTo(Value.array(Value.of("x")));
        amina.write(
                new Change.Add("tags", Value.of("y")),
                new Change.Put("tags", Value.array(Value.of("x"))));
        assertThat(amina.field("tags")).isEqualTo(Value.array(Value.of("x")));
        amina.write(new Change.Put("a.b", Value.of(1)), new Change.Unset("a"));
        assertThat(amina.view().fields().fields()).doesNotContainKey("a");
        Value.Map same = amina.view().fields();
        amina.write(new Change.Delete(), new Change.Put("", same));
        assertThat(amina.view().fields()).isEqualTo(same);
        amina.write(new Change.Put("fresh", Value.of(1)), new Change.Delete());
        assertThat(amina.view().exists()).isFalse();
    }

    @Test
    void changes_of_one_call_end_where_single_calls_end() {
        Seeds.each(
                500,
                random -> {
                    Writer together = new Writer(1);
                    Writer apart = new Writer(2);
                    for (int call = 0; call < 4; call++) {
                        Change[] changes = new Change[1 + random.nextInt(4)];
                        for (int i = 0; i < changes.length; i++) changes[i] = change(random);
                        together.write(changes);
                        for (Change change : changes) apart.write(change);
                        assertThat(together.json())
                                .as("%s", List.of(changes))
                                .isEqualTo(apart.json());
                        assertThat(together.view().exists()).isEqualTo(apart.view().exists());
                    }
                });
    }

    @Test
    void a_name_with_a_dot_or_none_at_all_is_refused() {
        for (String json :
                List.of(
                        "{\"a.b\":1}",
                        "{\"\":1}",
                        "{\"a\":{\"b.c\":1}}",
                        "{\"a\\u0000\":1}",
                        "1",
                        "[]")) {
            assertThatThrownBy(() -> amina.put("", json))
                    .as(json)
                    .isInstanceOf(MalformedException.class);
        }
        assertThat(amina.draft()).isNull();
    }

    @Test
    void a_document_with_more_fields_than_an_operation_has_edits_is_written_and_deleted_whole() {
        Map<String, Value> fields = new TreeMap<>();
        for (int i = 0; i < 2 * Limits.EDITS_PER_OPERATION + 5; i++)
            fields.put("f" + i, Value.of(i));
        amina.write(new Change.Put("", new Value.Map(fields)));
        bola.receiveAll(amina.seal());
        assertThat(bola.view().fields().fields()).isEqualTo(fields);
        bola.write(new Change.Delete());
        amina.receiveAll(bola.seal());
        assertThat(amina.view().exists()).isFalse();
    }

    private static int edits(Writer writer) {
        return java.util.Objects.requireNonNull(writer.draft()).body().operations().stream()
                .mapToInt(operation -> operation.edits().size())
                .sum();
    }

    private static int counters(Writer writer) {
        return writer.document(P1).at(Key.counter("visits")).size();
    }

    private static Change change(Random random) {
        String path = List.of("a", "a.b", "a.b.c", "d").get(random.nextInt(4));
        Value small = Value.of(random.nextInt(3));
        return switch (random.nextInt(9)) {
            case 0 -> new Change.Unset(path);
            case 1 -> new Change.Increment("visits", 1 + random.nextInt(3));
            case 2 -> new Change.Put("visits", small);
            case 3 -> new Change.Add("tags", small);
            case 4 -> new Change.Remove("tags", small);
            case 5 ->
                    new Change.Put(
                            "tags", random.nextBoolean() ? Value.array() : Value.array(small));
            case 6 ->
                    random.nextInt(3) == 0
                            ? new Change.Delete()
                            : new Change.Put("", document(random));
            case 7 -> new Change.Put(path, new Value.Map(Map.of("b", small)));
            default -> new Change.Put(path, small);
        };
    }

    private static Value.Map document(Random random) {
        Map<String, Value> fields = new LinkedHashMap<>();
        for (String name : List.of("a", "b", "d")) {
            if (random.nextBoolean()) fields.put(name, value(random, 2));
        }
        if (random.nextBoolean()) fields.put("visits", Value.of(random.nextInt(5)));
        if (random.nextBoolean()) fields.put("tags", Value.array(Value.of(random.nextInt(3))));
        // A counter at 0 and a set with nothing in it do not stand, and so are not shown.
        fields.remove("visits", Value.of(0));
        return new Value.Map(fields);
    }

    private static Value value(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            Value value = RandomValues.value(random, 0);
            return value instanceof Value.Map ? Value.NIL : value;
        }
        Map<String, Value> fields = new TreeMap<>();
        for (String name : List.of("b", "c")) {
            if (random.nextBoolean()) fields.put(name, value(random, depth - 1));
        }
        return new Value.Map(fields);
    }
}
