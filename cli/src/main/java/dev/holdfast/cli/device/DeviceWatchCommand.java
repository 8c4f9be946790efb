package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.device.DocumentView;
import dev.holdfast.device.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Follows a collection. */
@Command(
        name = "watch",
        description =
                "Shows a collection's documents, and each again when it changes, until Ctrl-C."
                        + " Meanwhile no other command can use this device.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device watch patients --json"})
final class DeviceWatchCommand extends DeviceAction {
    @Parameters(paramLabel = "COLLECTION", description = "Such as patients.")
    private String collection;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DeviceCommand.DurationConverter.class,
            description = "End after this time, such as 30s.")
    private Optional<Duration> span = Optional.empty();

    private final Map<String, DocumentView> last = new LinkedHashMap<>();

    @Override
    int run(OpenDevice open) throws InterruptedException {
        try (Subscription _ = open.scope().watch(open.scope().query(collection), this::changed)) {
            CountDownLatch never = new CountDownLatch(1);
            if (span.isEmpty()) never.await();
            else if (never.await(span.get().toMillis(), TimeUnit.MILLISECONDS)) return 1;
        }
        return 0;
    }

    /** Called on one thread at a time. */
    private void changed(List<DocumentView> now) {
        List<DocumentView> changed = new ArrayList<>();
        Map<String, DocumentView> gone = new LinkedHashMap<>(last);
        for (DocumentView document : now) {
            gone.remove(document.id());
            if (!document.equals(last.put(document.id(), document))) changed.add(document);
        }
        gone.keySet().forEach(last::remove);
        if (json()) {
            changed.forEach(document -> print(Shown.json(document)));
            gone.keySet().forEach(id -> print(goneJson(id)));
        } else {
            if (!changed.isEmpty()) out().println(Shown.list(changed).text(style()));
            Table without = Table.plain();
            gone.keySet().forEach(id -> without.row(id, "deleted"));
            if (!without.isEmpty()) out().println(without.text(style()));
        }
        out().flush();
    }

    private Value goneJson(String id) {
        return Value.from(Map.of("collection", collection, "id", id, "deleted", true));
    }
}
