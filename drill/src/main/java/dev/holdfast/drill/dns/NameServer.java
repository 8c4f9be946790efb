package dev.holdfast.drill.dns;

import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.JavaProgram;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A name server in a process of its own, which answers for one zone on loopback. */
public final class NameServer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 100;
    private static final int ATTEMPTS = 900;
    private static final double TICKS_PER_SECOND = 100;

    /** Those that can be compared. */
    public enum Kind {
        STEER("java", "steer"),
        KNOT("knotd", "Knot"),
        NSD("nsd", "NSD"),
        GDNSD("gdnsd", "gdnsd"),
        POWERDNS("pdns_server", "PowerDNS");

        private final String program;
        private final String title;

        Kind(String program, String title) {
            this.program = program;
            this.title = title;
        }

        /** What people call it. */
        public String title() {
            return title;
        }

        /** Its program on this machine, if there is one. */
        public Optional<Path> program() {
            return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
                    .map(folder -> Path.of(folder, program))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    private final Kind kind;
    private final Process process;
    private final int port;

    private NameServer(Kind kind, Process process, int port) {
        this.kind = kind;
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it, with two threads or processes that answer, and waits until it does.
     *
     * @param folder its own, empty
     * @throws DrillException when it does not
     */
    public static NameServer start(Kind kind, Path folder, SampleZone zone, int port) {
        try {
            Files.createDirectories(folder);
            List<String> command = prepare(kind, folder, zone, port);
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(Redirect.to(folder.resolve("log").toFile()))
                            .start();
            NameServer server = new NameServer(kind, process, port);
            server.await(folder.resolve("log"));
            return server;
        } catch (IOException e) {
            throw new DrillException("starting " + kind.title(), e);
        }
    }

    private static List<String> prepare(Kind kind, Path folder, SampleZone zone, int port)
            throws IOException {
        Path master = Files.writeString(folder.resolve("zone"), zone.master());
        String program = kind.program().map(Path::toString).orElse(kind.program);
        return switch (kind) {
            case STEER -> {
                Path zones = Files.writeString(folder.resolve("zones.yaml"), zone.yaml());
                yield JavaProgram.command(
                        DnsChildMain.class.getName(),
                        List.of("-Xmx128m"),
                        List.of(zones.toString(), folder.toString(), Integer.toString(port)));
            }
            case KNOT -> List.of(program, "-c", knot(folder, master, port));
            case NSD -> List.of(program, "-d", "-c", nsd(folder, master, port));
            case GDNSD -> List.of(program, "-c", gdnsd(folder, zone, port), "start");
            case POWERDNS -> powerDns(program, folder, master, port);
        };
    }

    private static String knot(Path folder, Path master, int port) throws IOException {
        return file(
                folder,
                "knot.conf",
                """
                server:
                    listen: 127.0.0.1@%d
                    rundir: "%s"
                    udp-workers: 2
                    tcp-workers: 1
                    background-workers: 1
                database:
                    storage: "%s"
                log:
                  - target: stderr
                    any: warning
                zone:
                  - domain: %s
                    file: "%s"
                """
                        .formatted(port, folder, folder, SampleZone.ORIGIN, master));
    }

    private static String nsd(Path folder, Path master, int port) throws IOException {
        return file(
                folder,
                "nsd.conf",
                """
                server:
                    ip-address: 127.0.0.1@%1$d
                    server-count: 2
                    reuseport: yes
                    username: ""
                    zonesdir: "%2$s"
                    pidfile: "%2$s/pid"
                    xfrdfile: "%2$s/xfrd"
                    zonelistfile: "%2$s/zones"
                    database: ""
                    rrl-ratelimit: 0
                    minimal-responses: yes
                remote-control:
                    control-enable: no
                zone:
                    name: %3$s
                    zonefile: "%4$s"
                """
                        .formatted(port, folder, SampleZone.ORIGIN, master));
    }

    private static String gdnsd(Path folder, SampleZone zone, int port) throws IOException {
        Path etc = Files.createDirectories(folder.resolve("etc/zones"));
        Files.writeString(etc.resolve(SampleZone.ORIGIN), plain(zone.master()));
        return Files.writeString(
                        etc.resolveSibling("config"),
                        """
                        options => {
                          listen => 127.0.0.1:%d
                          udp_threads => 2
                          tcp_threads => 1
                          run_dir => %s/run
                          state_dir => %s/state
                        }
                        """
                                .formatted(port, folder, folder))
                .resolveSibling(".")
                .normalize()
                .toString();
    }

    /** Without the types that gdnsd does not know by name. */
    private static String plain(String master) {
        return String.join("\n", master.lines().filter(line -> !line.contains(" DS ")).toList())
                + "\n";
    }

    private static List<String> powerDns(String program, Path folder, Path master, int port)
            throws IOException {
        String zones =
                file(
                        folder,
                        "named.conf",
                        "zone \"%s\" { type master; file \"%s\"; };\n"
                                .formatted(SampleZone.ORIGIN, master));
        return List.of(
                program,
                "--config-dir=" + folder,
                "--socket-dir=" + folder,
                "--daemon=no",
                "--guardian=no",
                "--launch=bind",
                "--bind-config=" + zones,
                "--local-address=127.0.0.1",
                "--local-port=" + port,
                "--receiver-threads=2",
                "--reuseport=yes");
    }

    private static String file(Path folder, String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private void await(Path log) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (!process.isAlive()) break;
            if (answers()) return;
        }
        close();
        throw new DrillException(
                kind.title() + " does not answer:\n" + Files.readString(log).strip());
    }

    /** A question for the zone's SOA, and a tenth of a second for the answer. */
    private boolean answers() throws IOException {
        byte[] name = new byte[SampleZone.ORIGIN.length() + 2];
        int at = 0;
        for (String label : SampleZone.ORIGIN.split("\\.", -1)) {
            name[at++] = (byte) label.length();
            for (byte letter : label.getBytes(StandardCharsets.US_ASCII)) name[at++] = letter;
        }
        byte[] question = new byte[12 + name.length + 4];
        question[5] = 1;
        System.arraycopy(name, 0, question, 12, name.length);
        question[question.length - 3] = 6;
        question[question.length - 1] = 1;
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.send(new DatagramPacket(question, question.length));
            DatagramPacket answer = new DatagramPacket(new byte[512], 512);
            socket.receive(answer);
            return (answer.getData()[3] & 0xf) == 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return refused();
        }
    }

    /** Nobody listens yet; it is waited as for an answer that does not come. */
    private boolean refused() throws IOException {
        try {
            process.waitFor(Duration.ofMillis(PATIENCE_MILLIS));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    public Kind kind() {
        return kind;
    }

    public int port() {
        return port;
    }

    /** CPU that it and its children have used, the kernel's part of it included. */
    public double cpuSeconds() throws IOException {
        List<Long> all = new ArrayList<>(List.of(process.pid()));
        process.descendants().map(ProcessHandle::pid).forEach(all::add);
        double ticks = 0;
        for (long pid : all) {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The name, in brackets, may hold blanks.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(5))) process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
