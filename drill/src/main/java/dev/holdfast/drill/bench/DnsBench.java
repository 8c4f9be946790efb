package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Table;
import dev.holdfast.drill.dns.NameServer;
import dev.holdfast.drill.dns.NameServer.Kind;
import dev.holdfast.drill.dns.SampleZone;
import dev.holdfast.drill.net.Ports;
import dev.holdfast.drill.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers of steer over UDP, beside those of other name servers that this machine has, for the same
 * static zone and the same questions by dnsperf. It shares the machine with whom it asks, so beside
 * answers a second there are answers for each second of the server's CPU, which say more.
 */
final class DnsBench implements Bench {
    private static final int ROUNDS = 5;
    private static final int NAMES = 2_000;
    private static final int QUESTIONS = 20_000;

    /** After so many answers the optimising compiler has done its work. */
    private static final int WARM_ANSWERS = 500_000;

    private static final int MOST_WARM_ROUNDS = 30;

    private static final Pattern COMPLETED = Pattern.compile("Queries completed:\\s+([0-9]+)");
    private static final Pattern LOST = Pattern.compile("Queries lost:\\s+([0-9]+)");
    private static final Pattern RATE = Pattern.compile("Queries per second:\\s+([0-9.]+)");

    /** What one round of one server came to. */
    private record Measured(double perSecond, double perCpuSecond, long lost) {}

    @Override
    public String name() {
        return "dns";
    }

    @Override
    public String about() {
        return "answers over UDP, beside other name servers";
    }

    @Override
    public boolean isMeasuredHere() {
        return false;
    }

    @Override
    public Report run(Run run) throws Exception {
        if (Tool.tryRun("dnsperf", "-h").status() == 127)
            throw new Failure(
                    "there is no dnsperf on this machine",
                    "it asks the questions",
                    "apt install dnsperf knot nsd gdnsd pdns-server pdns-backend-bind");
        SampleZone zone = new SampleZone(run.seed(), NAMES);
        Path questions = questions(run, zone);
        Map<Kind, List<Measured>> measured = new EnumMap<>(Kind.class);
        List<NameServer> servers = new ArrayList<>();
        try {
            int port = Ports.free(Kind.values().length, new Random());
            for (Kind kind : Kind.values()) {
                if (kind.program().isEmpty() && kind != Kind.STEER) continue;
                run.progress().at("starting " + kind.title());
                Path folder = run.folder().resolve(kind.title());
                servers.add(NameServer.start(kind, folder, zone, port++));
            }
            int seconds = (int) Math.max(1, run.time().toSeconds() / ROUNDS);
            for (NameServer server : servers) {
                run.progress().at("warming up, " + server.kind().title());
                warm(server, questions);
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (NameServer server : servers) {
                    Kind kind = server.kind();
                    run.progress()
                            .at("round " + (round + 1) + " of " + ROUNDS + ", " + kind.title());
                    measured.computeIfAbsent(kind, _ -> new ArrayList<>())
                            .add(measure(server, questions, seconds));
                }
            }
        } finally {
            servers.forEach(NameServer::close);
        }
        return report(measured);
    }

    private static Path questions(Run run, SampleZone zone) throws IOException {
        SplittableRandom random = new SplittableRandom(run.seed());
        List<String> names = zone.names();
        String[] types = {"A", "A", "A", "AAAA", "TXT", "MX"};
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
            String name = names.get(random.nextInt(names.size()));
            if (random.nextInt(10) == 0) name = "nobody" + random.nextInt(1000) + "." + name;
            lines.add(name.replace("*", "any") + " " + types[random.nextInt(types.length)]);
        }
        return Files.write(run.folder().resolve("questions"), lines);
    }

    private static void warm(NameServer server, Path questions) throws IOException {
        double answers = 0;
        for (int i = 0; i < MOST_WARM_ROUNDS && answers < WARM_ANSWERS; i++) {
            answers += 3 * measure(server, questions, 3).perSecond();
            if (server.kind() != Kind.STEER) return; // machine code from the start
        }
    }

    private static Measured measure(NameServer server, Path questions, int seconds)
            throws IOException {
        double before = server.cpuSeconds();
        String said =
                Tool.run(
                        "dnsperf",
                        "-s",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(server.port()),
                        "-d",
                        questions.toString(),
                        "-l",
                        Integer.toString(seconds),
                        "-c",
                        "8",
                        "-q",
                        "200",
                        "-e");
        double cpu = server.cpuSeconds() - before;
        double completed = number(COMPLETED, said);
        return new Measured(
                number(RATE, said), completed / Math.max(cpu, 0.01), (long) number(LOST, said));
    }

    private static double number(Pattern what, String said) {
        Matcher found = what.matcher(said);
        if (!found.find()) throw new IllegalStateException("dnsperf said: " + said);
        return Double.parseDouble(Objects.requireNonNull(found.group(1)));
    }

    private static Report report(Map<Kind, List<Measured>> measured) {
        List<Figure> figures = new ArrayList<>();
        double rate = perSecond(measured, Kind.STEER);
        double work = perCpuSecond(measured, Kind.STEER);
        figures.add(Figure.of("answers", rate, "1/s"));
        figures.add(Figure.of("answers by CPU", work, "1/CPU s"));
        Table table = Table.headed("server", "answers/s", "answers/CPU s", "CPU µs each", "lost");
        for (Kind kind : measured.keySet()) {
            double otherRate = perSecond(measured, kind);
            double otherWork = perCpuSecond(measured, kind);
            long lost = rounds(measured, kind).stream().mapToLong(Measured::lost).sum();
            table.row(
                    kind.title(),
                    Figure.number(otherRate),
                    Figure.number(otherWork),
                    Figure.number(1e6 / otherWork),
                    Long.toString(lost));
            if (kind == Kind.STEER) continue;
            boolean isAim = kind == Kind.POWERDNS || kind == Kind.GDNSD;
            Figure each =
                    Figure.of("answers, beside " + kind.title(), rate, "1/s")
                            .beside(otherRate, kind.title());
            Figure byCpu =
                    Figure.of("answers by CPU, beside " + kind.title(), work, "1/CPU s")
                            .beside(otherWork, kind.title());
            figures.add(isAim ? each.aiming(Aim.ratioAtLeast(1)) : each);
            figures.add(isAim ? byCpu.aiming(Aim.ratioAtLeast(1)) : byCpu);
        }
        return new Report(
                "dns",
                figures,
                List.of(
                        "dnsperf with 8 sockets and 200 questions under way, with EDNS, on loopback"
                                + " and on the same cores; two answering threads each. One question"
                                + " in ten is for a name that is not there.",
                        "Servers in turns, the median of five rounds; CPU by /proc, the kernel's"
                                + " part of it included."),
                List.of(new Report.Detail("Each by itself:", table)));
    }

    private static List<Measured> rounds(Map<Kind, List<Measured>> measured, Kind kind) {
        return Objects.requireNonNull(measured.get(kind));
    }

    private static double perSecond(Map<Kind, List<Measured>> measured, Kind kind) {
        return Rounds.median(
                rounds(measured, kind).stream().mapToDouble(Measured::perSecond).toArray());
    }

    private static double perCpuSecond(Map<Kind, List<Measured>> measured, Kind kind) {
        return Rounds.median(
                rounds(measured, kind).stream().mapToDouble(Measured::perCpuSecond).toArray());
    }
}
