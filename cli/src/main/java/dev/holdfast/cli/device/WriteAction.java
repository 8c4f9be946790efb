package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Level;
import dev.holdfast.cli.output.Times;
import dev.holdfast.cli.trust.Rights;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.device.RejectedWrite;
import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import dev.holdfast.store.link.LinkStatus;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A command that changes one document: saved at once, then followed for as long as it may wait, and
 * told how far it got.
 */
abstract class WriteAction extends DeviceAction {
    @Parameters(index = "0", paramLabel = "COLLECTION", description = "Such as patients.")
    private String collection;

    @Parameters(index = "1", paramLabel = "ID", description = "The document's id within it.")
    private String id;

    @Option(
            names = "--wait",
            paramLabel = "LEVEL",
            description =
                    "Fail unless it gets that far in time: device, edge, region or applied"
                            + " (default: wait for applied, but do not fail).")
    private Optional<Durability> wanted = Optional.empty();

    abstract Write write(Scope scope, String collection, String id);

    @Override
    final int run(OpenDevice open) throws InterruptedException {
        requireAllowed(open);
        Write write = write(open.scope(), collection, id);
        if (!open.offline()) {
            write.reached(wanted.orElse(Durability.APPLIED), open.timeout());
        }
        Optional<RejectedWrite> rejected = write.rejection();
        if (rejected.isPresent()) throw refused(rejected.get());
        Durability reached = write.durability();
        boolean enough = wanted.isEmpty() || reached.reaches(wanted.get());
        if (json()) {
            print(
                    Value.from(
                            Map.of(
                                    "collection",
                                    collection,
                                    "id",
                                    id,
                                    "changed",
                                    !write.isNothing(),
                                    "durability",
                                    Level.word(reached))));
        } else {
            out().println(collection + "/" + id + "  " + words(write, reached));
            if (reached == Durability.DEVICE && !write.isNothing()) sayWhy(open);
        }
        return enough ? 0 : 1;
    }

    private static String words(Write write, Durability reached) {
        return write.isNothing() ? "Nothing to change" : Level.shown(reached);
    }

    /** No node would take it; better told before it is written than after. */
    private void requireAllowed(OpenDevice open) {
        Optional<SignedGrant> held = open.device().grant();
        String scope = open.scope().name();
        if (held.isEmpty() || held.get().grant().mayWrite(scope, collection)) return;
        throw new Failure(
                "this device may not write " + collection + " in " + scope,
                "its grant allows "
                        + held.get().grant().rights().stream()
                                .map(Rights::text)
                                .collect(Collectors.joining(", ")),
                "ask for another grant: holdfast grant issue --help");
    }

    /** What keeps it on this device, and what to do. */
    private void sayWhy(OpenDevice open) {
        if (!open.offline()
                && open.device().status().link() instanceof LinkStatus.Disconnected down) {
            out().println(
                            "Nobody was reached in "
                                    + Times.span(open.timeout())
                                    + ": "
                                    + down.reason());
        }
        out().println("Next: " + again("sync") + " sends it when there is a network");
    }

    private Failure refused(RejectedWrite rejected) {
        String code = rejected.code().text();
        String what = "not accepted: " + rejected.reason();
        return rejected.settled()
                ? new Failure(
                        what,
                        "refused (" + code + "); it still stands on this device, and nowhere else",
                        again("rejections") + ", to take it back or send it again")
                : new Failure(
                        what,
                        "an edge would not take it ("
                                + code
                                + "); it is saved here, and sent again",
                        again("sync") + ", with another edge or a renewed grant");
    }
}
