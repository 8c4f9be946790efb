package dev.holdfast.drill.sim;

import dev.holdfast.core.schema.Schema;
import java.util.List;

/**
 * The versions of the application that devices run side by side: they show one state each its way.
 */
final class Schemas {
    private static final String COUNTERS =
            "\"counters\": {\"fields\": {\"count\": {\"kind\": \"counter\"}}}";

    static final List<Schema> VERSIONS =
            List.of(
                    Schema.parse(
                            "{\"things\": {\"fields\": {\"tags\": {\"kind\": \"set\"}}, \"on-delete\":"
                                    + " \"delete-wins\"}, \"notes\": {\"fields\": {\"tags\": {\"kind\":"
                                    + " \"set\"}}}, "
                                    + COUNTERS
                                    + "}"),
                    Schema.parse(
                            "{\"things\": {\"fields\": {\"tags\": {\"kind\": \"set\"}, \"f0\": {\"show\":"
                                    + " \"max\"}, \"f1\": {\"show\": \"min\"}, \"f2\": {\"show\": \"manual\"}}},"
                                    + " \"notes\": {\"fields\": {\"tags\": {\"kind\": \"set\"}, \"f0\":"
                                    + " {\"show\": \"min\"}}, \"on-delete\": \"delete-wins\"}, "
                                    + COUNTERS
                                    + "}"));

    private Schemas() {}
}
