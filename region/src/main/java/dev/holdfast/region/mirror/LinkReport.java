package dev.holdfast.region.mirror;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** What a process that follows a peer says of the link, as JSON for the processes that do not. */
final class LinkReport {
    private LinkReport() {}

    static String of(MirrorDriver link) {
        Map<String, Object> report = new TreeMap<>();
        MirrorMeters meters = link.meters();
        MirrorStatus status = link.status();
        report.put("since", status.since().toString());
        switch (status) {
            case MirrorStatus.Connected up -> {
                report.put("state", "following");
                report.put("region", up.peer().toString());
            }
            case MirrorStatus.Disconnected down -> {
                report.put("state", "waiting");
                report.put("reason", down.reason());
            }
            case MirrorStatus.Refused refused -> {
                report.put("state", "refused");
                report.put("reason", refused.reason());
            }
            case MirrorStatus.Paused _ -> report.put("state", "paused");
        }
        report.put("scopes", meters.scopes());
        report.put("batches", meters.batches());
        report.put("same", meters.same());
        meters.lastPage().ifPresent(at -> report.put("last-page", at.toString()));
        meters.lag().ifPresent(lag -> report.put("lag", lag(lag)));
        return Json.print(Value.from(report));
    }

    private static Map<String, Object> lag(Lag lag) {
        Map<String, Object> known = new TreeMap<>();
        known.put("at", lag.at().toString());
        switch (lag) {
            case Lag.Known figures -> {
                known.put("operations", figures.operations());
                known.put("batches", figures.batches());
                known.put("exact", figures.exact());
                known.put("seconds", figures.oldest().orElse(Duration.ZERO).toMillis() / 1e3);
            }
            case Lag.Unknown unknown -> known.put("unknown", unknown.reason());
        }
        return known;
    }
}
