package dev.holdfast.steer.health;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Judges one endpoint by what is seen of it: a machine without a thread or a clock.
 *
 * <p>Going down takes some failures in a row and coming up some successes, each with a threshold of
 * its own, so that a lost packet moves nothing. The first success after the beginning is believed
 * at once: until then nobody knows better. While the looks disagree with the verdict they are made
 * twice as often, which halves the time to a sure verdict and costs nothing in quiet times. An
 * endpoint that goes down again and again is held down longer ({@link FlapDamping}).
 */
public final class EndpointHealth {
    /**
     * What outlives the process.
     *
     * @param damping the memory of having gone down often
     */
    public record Kept(Verdict verdict, FlapDamping damping) {}

    private final Duration every;
    private final int downAfter;
    private final int upAfter;

    private Verdict verdict;
    private FlapDamping damping;
    private int failuresInRow;
    private int successesInRow;

    /**
     * @param every from one look to the next, when all is well or all is not
     * @param before from an earlier process. What was down stays so until it is seen well again;
     *     what was up may have gone meanwhile, and is judged anew
     */
    public EndpointHealth(
            Duration every, int downAfter, int upAfter, Optional<Kept> before, Instant now) {
        this.every = every;
        this.downAfter = downAfter;
        this.upAfter = upAfter;
        boolean down = before.isPresent() && before.get().verdict().state() == Verdict.State.DOWN;
        this.verdict = down ? before.get().verdict() : Verdict.unjudged(now);
        this.damping = before.isPresent() ? before.get().damping() : FlapDamping.none(now);
    }

    /** Takes in what was seen; answers the verdict after it. */
    public Verdict step(Seen seen, Instant now) {
        damping = damping.at(now);
        switch (seen) {
            case Seen.Well _ -> well(now);
            case Seen.Failed(String reason) -> failed(reason, now);
        }
        return verdict;
    }

    private void well(Instant now) {
        failuresInRow = 0;
        successesInRow = Math.min(successesInRow + 1, upAfter);
        switch (verdict.state()) {
            case UNJUDGED -> verdict = new Verdict(Verdict.State.UP, now, "it works");
            case UP -> {}
            case DOWN -> {
                if (successesInRow < upAfter) return;
                verdict =
                        damping.held()
                                ? new Verdict(
                                        Verdict.State.DOWN,
                                        verdict.since(),
                                        "it works now, but went down too often: held down until "
                                                + damping.until().truncatedTo(ChronoUnit.SECONDS))
                                : new Verdict(Verdict.State.UP, now, "it works");
            }
        }
    }

    private void failed(String reason, Instant now) {
        successesInRow = 0;
        failuresInRow = Math.min(failuresInRow + 1, downAfter);
        boolean down = verdict.state() == Verdict.State.DOWN;
        if (failuresInRow < downAfter && !down) return;
        if (verdict.state() == Verdict.State.UP) damping = damping.wentDown(now);
        verdict = new Verdict(Verdict.State.DOWN, down ? verdict.since() : now, reason);
    }

    public Verdict verdict() {
        return verdict;
    }

    /** From the beginning of the newest look to that of the next. */
    public Duration pause() {
        boolean settled =
                switch (verdict.state()) {
                    case UNJUDGED -> false;
                    case UP -> failuresInRow == 0;
                    case DOWN -> successesInRow == 0 || successesInRow == upAfter;
                };
        return settled ? every : every.dividedBy(2);
    }

    public Kept kept() {
        return new Kept(verdict, damping);
    }
}
