package dev.holdfast.drill.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Map;
import java.util.Set;

/**
 * What comes out of the air instead of through a constructor: the machine's time, randomness and
 * threads. A class that reaches for it cannot be run by the simulator, so only the outermost
 * classes may.
 */
final class Ambient {
    private static final Map<String, Set<String>> METHODS =
            Map.of(
                    "java.lang.System", Set.of("currentTimeMillis", "nanoTime"),
                    "java.lang.Math", Set.of("random"),
                    "java.lang.Thread", Set.of("ofVirtual", "ofPlatform", "startVirtualThread"),
                    "java.time.Clock",
                            Set.of(
                                    "system",
                                    "systemUTC",
                                    "systemDefaultZone",
                                    "tickMillis",
                                    "tickSeconds"),
                    "java.util.UUID", Set.of("randomUUID"),
                    "java.util.concurrent.ThreadLocalRandom", Set.of("current"));

    /** Random counts only without a seed; see {@link #isAmbient}. */
    private static final Set<String> CONSTRUCTORS =
            Set.of("java.lang.Thread", "java.util.Timer", "java.security.SecureRandom");

    /** Packages that exist to touch the machine, each with its reason. */
    private static final Map<String, String> OUTERMOST_PACKAGES =
            Map.ofEntries(
                    Map.entry(
                            "dev.holdfast.cli.net",
                            "makes and cuts links on a real machine; the simulator has its own"),
                    Map.entry(
                            "dev.holdfast.drill.bench",
                            "a figure is measured by the machine's own clock"),
                    Map.entry(
                            "dev.holdfast.drill.disk",
                            "makes and breaks the disks of real machines; the simulator has its own"),
                    Map.entry(
                            "dev.holdfast.drill.herd",
                            "a drill is told and judged by the machine's own clock"),
                    Map.entry(
                            "dev.holdfast.drill.net",
                            "makes and cuts the links of real machines; the simulator has its own"),
                    Map.entry(
                            "dev.holdfast.drill.process", "starts, hears and kills real processes"),
                    Map.entry(
                            "dev.holdfast.drill.faults",
                            "a drill is told and judged by the machine's own clock"),
                    Map.entry("dev.holdfast.drill.rings", "the same"),
                    Map.entry("dev.holdfast.drill.states", "the same"),
                    Map.entry(
                            "dev.holdfast.region.database",
                            "starts, watches and waits for a real PostgreSQL; simulated by its tables"),
                    Map.entry(
                            "dev.holdfast.region.log",
                            "starts, watches and waits for a real RocketMQ; simulated by its narrow log"));

    private static final Set<String> OUTERMOST_SUFFIXES =
            Set.of("Main", "Driver", "Command", "Entropy", "SystemClock");

    private Ambient() {}

    static DescribedPredicate<JavaAccess<?>> access() {
        return DescribedPredicate.describe(
                "is the system's time, randomness or threads",
                access -> isAmbient(access.getTarget()));
    }

    static DescribedPredicate<JavaClass> notOutermost() {
        return DescribedPredicate.describe(
                "are not named " + OUTERMOST_SUFFIXES + " nor in " + OUTERMOST_PACKAGES.keySet(),
                type -> !isOutermost(type));
    }

    private static boolean isAmbient(AccessTarget target) {
        String owner = target.getOwner().getFullName();
        String name = target.getName();
        if (name.equals("<init>")) {
            return CONSTRUCTORS.contains(owner)
                    || owner.equals("java.util.Random") && target.getFullName().endsWith("()");
        }
        return METHODS.getOrDefault(owner, Set.of()).contains(name)
                || owner.startsWith("java.time.") && name.equals("now") && takesNoClock(target)
                || owner.equals("java.util.concurrent.Executors") && name.startsWith("new");
    }

    private static boolean takesNoClock(AccessTarget target) {
        return !target.getFullName().endsWith("(java.time.Clock)");
    }

    private static boolean isOutermost(JavaClass type) {
        String outermost = type.getName();
        int nested = outermost.indexOf('$');
        if (nested >= 0) outermost = outermost.substring(0, nested);
        String name = outermost;
        return OUTERMOST_SUFFIXES.stream().anyMatch(name::endsWith)
                || OUTERMOST_PACKAGES.keySet().stream()
                        .anyMatch(within -> name.startsWith(within + "."));
    }
}
