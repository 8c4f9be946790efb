package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.StoreImage;
import dev.holdfast.drill.rings.Story;
import picocli.CommandLine.Command;

/** An edge burns down while it alone holds what it acknowledged. */
@Command(
        name = "edge-loss",
        description =
                "Cuts the border, has devices write until the edge has acknowledged it, destroys the"
                        + " edge with its disk, and puts another one in its place.",
        footer = {"", "It takes a minute or so.", "Example: holdfast drill edge-loss --json"})
public final class EdgeLossDrill extends Drill {
    @Override
    protected int parts() {
        return 4;
    }

    @Override
    protected Story story(Scene scene) {
        return new Fire(scene);
    }

    @Override
    protected String next() {
        return "holdfast drill one-way";
    }

    private static final class Fire implements Story {
        private static final int WRITES = 50;

        private final Scene scene;
        private Context atStake = new Context();

        Fire(Scene scene) {
            this.scene = scene;
        }

        @Override
        public void tell() throws InterruptedException {
            Rings rings = scene.rings();
            scene.begin("   Connected: three nurses write");
            write();
            Context before = scene.ledger().at(Durability.DEVICE);
            Scene.await(() -> scene.reached(before, Durability.APPLIED));
            scene.network().cutGateway(Cut.BOTH);
            scene.requireCut(Host.EDGE, Host.CLOUD);
            scene.begin("   Cut off from abroad: writes are safe at the edge, and only there");
            write();
            Context inside = scene.ledger().savedBy(rings.amina().name());
            inside.addAll(scene.ledger().savedBy(rings.bashir().name()));
            Scene.await(() -> scene.reached(inside, Durability.EDGE));
            // One device is away while the edges change, and comes back to another one.
            rings.bashir().stop();
            // Not of those abroad: what a region has and has not applied is at no edge.
            atStake = Dots.minus(inside, scene.inDatabase());
            scene.begin(
                    "   The edge burns down with "
                            + count(Dots.count(atStake))
                            + " acknowledged writes");
            scene.timeline().mark("the edge burns down");
            rings.replaceEdge();
            rings.bashir().restart();
            Context again = atStake;
            boolean sent =
                    Scene.await(() ->
                            Dots.contains(StoreImage.contextOfLiving(rings.edgeStore()), again));
            scene.evidence()
                    .saw(
                            "devices send again what only the lost edge had",
                            sent && !again.isEmpty(),
                            count(Dots.count(again)) + " writes, still cut off");
            scene.network().heal();
            scene.requireOpen(Host.EDGE, Host.CLOUD);
        }

        private void write() {
            Scene.write(scene.rings().nurses(), WRITES, 10);
            Scene.finish(scene.rings().nurses());
        }

        @Override
        public void judge(RegionImage region) {
            long lost = Dots.count(Dots.minus(atStake, region.store().context()));
            scene.evidence()
                    .saw(
                            "what a lost edge had acknowledged gets into the record",
                            lost == 0 && !atStake.isEmpty(),
                            lost + " of " + count(Dots.count(atStake)) + " lost");
        }
    }
}
