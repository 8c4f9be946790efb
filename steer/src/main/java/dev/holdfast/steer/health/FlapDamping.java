package dev.holdfast.steer.health;

import java.time.Duration;
import java.time.Instant;

/**
 * How much an endpoint is mistrusted for going down often, as BGP damps routes that flap (RFC
 * 2439): each time it goes down a penalty grows by one, and halves with every {@link #HALF_LIFE}.
 * Once the penalty has reached {@link #CUTOFF} the endpoint is held down, whatever it does, until
 * the penalty has fallen to {@link #REUSE}. The {@link #CEILING} bounds how long that can last:
 * log2 (ceiling / reuse) half-lives, which are four minutes. Immutable.
 *
 * @param penalty at {@code at}
 * @param held whether it is held down, or will be as soon as it is well
 */
record FlapDamping(double penalty, Instant at, boolean held) {
    static final Duration HALF_LIFE = Duration.ofMinutes(2);
    static final double CUTOFF = 2.5;
    static final double REUSE = 1;
    static final double CEILING = 4;

    FlapDamping {
        // A file may hold anything; a bound that a file could lift were none.
        if (Double.isNaN(penalty) || penalty < 0) penalty = 0;
        if (penalty > CEILING) penalty = CEILING;
    }

    static FlapDamping none(Instant now) {
        return new FlapDamping(0, now, false);
    }

    /** After it went down once more. */
    FlapDamping wentDown(Instant now) {
        double grown = Math.min(CEILING, at(now).penalty + 1);
        return new FlapDamping(grown, now, held || grown >= CUTOFF);
    }

    FlapDamping at(Instant now) {
        // A clock that was set back must not make a penalty grow.
        double millis = Math.max(0, Duration.between(at, now).toMillis());
        double left = penalty * Math.exp(-Math.log(2) * millis / HALF_LIFE.toMillis());
        return new FlapDamping(left, now, held && left > REUSE);
    }

    /** When it is held no longer, if it does not go down again. */
    Instant until() {
        if (penalty <= REUSE) return at;
        double halfLives = Math.log(penalty / REUSE) / Math.log(2);
        return at.plusMillis((long) (halfLives * HALF_LIFE.toMillis()) + 1);
    }
}
