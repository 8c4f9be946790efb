package dev.holdfast.drill.faults;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.rings.DeviceMain;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.StoreImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Writers who set the same telephone number one after the other, each once the write before has
 * reached it. Whoever was last must be shown, alone, whatever clocks say.
 */
final class Chains {
    /** No other command touches these. */
    private static final int FIRST_PATIENT = 1_000;

    private final Scene scene;
    private final List<Chain> chains = new ArrayList<>();
    private int next = FIRST_PATIENT;
    private int blind;
    private int byEdge;
    private String refusal = "";

    /**
     * A number that was set in turn.
     *
     * @param last by whom last
     */
    record Chain(DocumentId patient, String last) {}

    /** What happens between two writes. */
    @FunctionalInterface
    interface Between {
        void happens() throws InterruptedException;
    }

    Chains(Scene scene) {
        this.scene = scene;
    }

    /** A chain in an order that chance decides, where the edge itself writes in between, too. */
    void add(List<DeviceProcess> devices, Gateway gateway, Between between)
            throws InterruptedException {
        List<DeviceProcess> order = new ArrayList<>(devices);
        Collections.shuffle(order, scene.random());
        int edgeWrites = scene.random().nextInt(order.size() + 1);
        int number = next++;
        DocumentId patient = ClinicData.patient(DeviceMain.CONTESTED_FROM + number);
        String before = "";
        for (int i = 0; i <= order.size(); i++) {
            if (i == edgeWrites) before = byEdge(gateway, patient, before);
            if (i < order.size()) before = byDevice(order.get(i), number, before);
            between.happens();
        }
        chains.add(new Chain(patient, before));
    }

    private String byEdge(Gateway gateway, DocumentId patient, String before)
            throws InterruptedException {
        Context written = scene.ledger().savedBy(before);
        requireSeen(
                Scene.await(() ->
                        Dots.contains(
                                StoreImage.contextOfLiving(scene.rings().edgeStore()), written)));
        String said = gateway.put(patient.id(), "+254-edge-" + patient.id());
        if (!said.isEmpty()) {
            refusal = said;
            return before;
        }
        byEdge++;
        return Gateway.NAME;
    }

    private String byDevice(DeviceProcess device, int number, String before)
            throws InterruptedException {
        Context written = scene.ledger().savedBy(before);
        requireSeen(Scene.await(() -> Dots.contains(Scene.seenBy(device), written)));
        device.perform("contest " + number + " " + number, Scene.PATIENCE);
        return device.name();
    }

    private void requireSeen(boolean seen) {
        if (!seen) blind++;
    }

    /** What became of the chains, by what the region shows. */
    void judge(RegionImage region) {
        long won = chains.stream().filter(chain -> isShownAlone(region, chain)).count();
        scene.evidence()
                .saw(
                        "a write that saw another wins over it, whosever clock is wrong",
                        !chains.isEmpty() && won == chains.size() && blind == 0,
                        won
                                + " of "
                                + chains.size()
                                + " chains end as they were written, "
                                + blind
                                + " writes not seen by the next");
        scene.evidence()
                .saw(
                        "an edge whose clock is wrong writes for callers of its HTTP API",
                        byEdge == chains.size() && byEdge > 0,
                        byEdge + " of " + chains.size() + " writes taken" + because());
    }

    private String because() {
        return refusal.isEmpty() ? "" : ", last " + refusal;
    }

    private boolean isShownAlone(RegionImage region, Chain chain) {
        List<Ledger.Saved> written =
                scene.ledger().saved().stream()
                        .filter(saved -> saved.document().equals(chain.patient()))
                        .toList();
        String shown = region.shown().getOrDefault(chain.patient(), "");
        return written.stream()
                .allMatch(saved ->
                        shown.contains("\"" + saved.value() + "\"")
                                == saved.device().equals(chain.last()));
    }
}
