package dev.holdfast.drill.net;

import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Tool;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The machines as Linux network namespaces, joined by virtual cables, cut by nftables and by taking
 * cables down.
 *
 * <pre>
 *   device-a 10.1.0.2 ─┐                                            ┌─ 10.2.0.2 cloud
 *                      isp 10.1.0.1 · 10.9.0.1 ══ border ══ 10.9.0.2 · 10.2.0.1 intl
 *       edge 10.1.0.3 ─┘                                            ├─ 10.2.0.3 device-b
 *                                                                   └─ 10.2.0.4 cloud-b, 10.2.0.5 cloud-c
 * </pre>
 *
 * The addresses exist within the namespaces only. The names carry the process id, so that drills
 * run side by side and what a killed drill left behind is found and taken down by the next.
 */
public final class Namespaces implements Network {
    private static final Pattern NAME = Pattern.compile("hf\\d+-[a-z-]+");
    private static final String CHAIN = "inet holdfast border";

    // Within a machine, on its one cable: what is counted as it goes out, what is lost as it comes
    // in, and what is cut either way.
    private static final String COUNTED = "inet holdfast counted";
    private static final String LOST = "inet holdfast lost";
    private static final String CUT_IN = "inet holdfast cutin";
    private static final String CUT_OUT = "inet holdfast cutout";
    private static final Pattern PACKETS = Pattern.compile("packets (\\d+)");

    private static final List<String> ROUTERS = List.of("isp", "intl");

    private final String prefix;

    private Namespaces(String prefix) {
        this.prefix = prefix;
    }

    /** Whether a namespace can be made, and a rule set in it. */
    static boolean areAllowed() {
        String name = "hf" + ProcessHandle.current().pid() + "-try";
        if (Tool.tryRun("ip", "netns", "add", name).status() != 0) return false;
        try {
            return Tool.tryRun(
                                    "ip",
                                    "netns",
                                    "exec",
                                    name,
                                    "nft",
                                    "add",
                                    "table",
                                    "inet",
                                    "holdfast")
                            .status()
                    == 0;
        } finally {
            Tool.tryRun("ip", "netns", "del", name);
        }
    }

    static Namespaces make() {
        removeLeftovers();
        Namespaces network = new Namespaces("hf" + ProcessHandle.current().pid() + "-");
        try {
            network.build();
            return network;
        } catch (DrillException e) {
            network.close();
            throw e;
        }
    }

    /** Takes down what drills left behind that are dead. */
    private static void removeLeftovers() {
        for (String line : Tool.run("ip", "netns", "list").lines().toList()) {
            String name = line.split(" ", 2)[0];
            if (NAME.matcher(name).matches() && ProcessHandle.of(ownerOf(name)).isEmpty())
                remove(name);
        }
    }

    private static long ownerOf(String name) {
        return Long.parseLong(name.substring(2, name.indexOf('-')));
    }

    private void build() {
        for (String router : ROUTERS) {
            machine(router);
            ip(router, "link", "add", "br0", "type", "bridge");
            ip(router, "link", "set", "br0", "up");
        }
        ip("isp", "addr", "add", "10.1.0.1/24", "dev", "br0");
        ip("intl", "addr", "add", "10.2.0.1/24", "dev", "br0");
        for (Host host : Host.values()) {
            String router = isInside(host) ? "isp" : "intl";
            machine(name(host));
            cable(name(host), "e0", router, "to-" + name(host));
            ip(router, "link", "set", "to-" + name(host), "master", "br0", "up");
            ip(name(host), "addr", "add", address(host) + "/24", "dev", "e0");
            ip(name(host), "link", "set", "e0", "up");
            ip(
                    name(host),
                    "route",
                    "add",
                    "default",
                    "via",
                    isInside(host) ? "10.1.0.1" : "10.2.0.1");
            chains(name(host));
        }
        cable("isp", "border", "intl", "border");
        ip("isp", "addr", "add", "10.9.0.1/30", "dev", "border");
        ip("intl", "addr", "add", "10.9.0.2/30", "dev", "border");
        for (String router : ROUTERS) {
            ip(router, "link", "set", "border", "up");
            in(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
            in(router, "nft", "add", "table", "inet", "holdfast");
            in(
                    router,
                    "nft",
                    "add chain "
                            + CHAIN
                            + " { type filter hook forward priority 0; policy accept; }");
        }
        ip("isp", "route", "add", "10.2.0.0/24", "via", "10.9.0.2");
        ip("intl", "route", "add", "10.1.0.0/24", "via", "10.9.0.1");
    }

    /** Counted before it can be cut: a connection that is tried in vain was tried. */
    private void chains(String machine) {
        in(machine, "nft", "add table inet holdfast");
        chain(machine, COUNTED, "output", -10);
        chain(machine, LOST, "input", -10);
        chain(machine, CUT_IN, "input", 0);
        chain(machine, CUT_OUT, "output", 0);
        String opening = " oifname e0 tcp flags & (syn | ack) == syn counter";
        in(machine, "nft", "add rule " + COUNTED + opening);
    }

    private void chain(String machine, String chain, String hook, int priority) {
        String what =
                " { type filter hook " + hook + " priority " + priority + "; policy accept; }";
        in(machine, "nft", "add chain " + chain + what);
    }

    @Override
    public String means() {
        return "network namespaces, links cut by nftables";
    }

    @Override
    public List<String> on(Host host) {
        return List.of("ip", "netns", "exec", prefix + name(host));
    }

    @Override
    public String address(Host host) {
        return switch (host) {
            case DEVICE_A -> "10.1.0.2";
            case EDGE -> "10.1.0.3";
            case CLOUD -> "10.2.0.2";
            case DEVICE_B -> "10.2.0.3";
            case CLOUD_B -> "10.2.0.4";
            case CLOUD_C -> "10.2.0.5";
        };
    }

    @Override
    public URI endpoint(Host from, Host to, int port) {
        return URI.create("https://" + address(to) + ":" + port);
    }

    @Override
    public boolean reaches(Host from, Host to, int port) {
        String connect = "exec 3<>/dev/tcp/" + address(to) + "/" + port;
        return Tool.tryRun(
                                "ip",
                                "netns",
                                "exec",
                                prefix + name(from),
                                "timeout",
                                "1",
                                "bash",
                                "-c",
                                connect)
                        .status()
                == 0;
    }

    @Override
    public void cutGateway(Cut cut) {
        if (cut != Cut.INWARD) in("isp", "nft", "add rule " + CHAIN + " oifname border drop");
        if (cut != Cut.OUTWARD) in("isp", "nft", "add rule " + CHAIN + " iifname border drop");
    }

    @Override
    public void cutAccess(Cut cut) {
        String device = address(Host.DEVICE_A);
        if (cut != Cut.INWARD)
            in("edge", "nft", "add rule " + CUT_IN + " ip saddr " + device + " drop");
        if (cut != Cut.OUTWARD)
            in("edge", "nft", "add rule " + CUT_OUT + " ip daddr " + device + " drop");
    }

    @Override
    public void lose(int percent) {
        for (Host host : Host.values()) {
            in(name(host), "nft", "flush chain " + LOST);
            if (percent == 0) continue;
            // What a machine says to itself, a region to its database, crosses no link.
            String rule = " iifname e0 numgen random mod 100 <= " + (percent - 1) + " drop";
            in(name(host), "nft", "add rule " + LOST + rule);
        }
    }

    @Override
    public long attempts() {
        long attempts = 0;
        for (Host host : Host.values()) {
            String machine = prefix + name(host);
            String rules =
                    Tool.run(
                            "ip",
                            "netns",
                            "exec",
                            machine,
                            "nft",
                            "list",
                            "chain",
                            "inet",
                            "holdfast",
                            "counted");
            Matcher packets = PACKETS.matcher(rules);
            if (!packets.find())
                throw new DrillException("nft counts no connections on " + name(host));
            attempts += Long.parseLong(rules, packets.start(1), packets.end(1), 10);
        }
        return attempts;
    }

    @Override
    public void blackout() {
        for (Host host : Host.values()) cable(host, "down");
    }

    @Override
    public void isolate(Host host) {
        cable(host, "down");
    }

    @Override
    public void cutRegions() {
        for (Host from : Host.values()) {
            for (Host to : Host.values()) {
                if (!from.isCloud() || !to.isCloud() || from == to) continue;
                in(name(to), "nft", "add rule " + CUT_IN + " ip saddr " + address(from) + " drop");
            }
        }
    }

    @Override
    public void cut(Host from, Host to) {
        in(name(to), "nft", "add rule " + CUT_IN + " ip saddr " + address(from) + " drop");
    }

    @Override
    public void heal() {
        in("isp", "nft", "flush chain " + CHAIN);
        for (Host host : Host.values()) {
            in(name(host), "nft", "flush chain " + CUT_IN);
            in(name(host), "nft", "flush chain " + CUT_OUT);
            cable(host, "up");
        }
    }

    @Override
    public void close() {
        for (Host host : Host.values()) remove(prefix + name(host));
        ROUTERS.forEach(router -> remove(prefix + router));
    }

    /** The far end of a machine's cable, so that the machine keeps its route. */
    private void cable(Host host, String state) {
        ip(isInside(host) ? "isp" : "intl", "link", "set", "to-" + name(host), state);
    }

    private void machine(String name) {
        Tool.run("ip", "netns", "add", prefix + name);
        ip(name, "link", "set", "lo", "up");
    }

    private void cable(String one, String oneEnd, String other, String otherEnd) {
        Tool.run(
                "ip",
                "link",
                "add",
                oneEnd,
                "netns",
                prefix + one,
                "type",
                "veth",
                "peer",
                "name",
                otherEnd,
                "netns",
                prefix + other);
    }

    private void ip(String machine, String... arguments) {
        Tool.run(joined(new String[] {"ip", "-n", prefix + machine}, arguments));
    }

    private void in(String machine, String... command) {
        Tool.run(joined(new String[] {"ip", "netns", "exec", prefix + machine}, command));
    }

    /** A namespace lives as long as a process in it; what runs in ours, a drill has started. */
    private static void remove(String name) {
        for (String pid : Tool.tryRun("ip", "netns", "pids", name).output().lines().toList()) {
            if (!pid.matches("\\d+")) continue;
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(pid));
            process.ifPresent(ProcessHandle::destroyForcibly);
        }
        Tool.tryRun("ip", "netns", "del", name);
    }

    private static boolean isInside(Host host) {
        return host == Host.DEVICE_A || host == Host.EDGE;
    }

    private static String name(Host host) {
        return switch (host) {
            case DEVICE_A -> "device-a";
            case DEVICE_B -> "device-b";
            case EDGE -> "edge";
            case CLOUD -> "cloud";
            case CLOUD_B -> "cloud-b";
            case CLOUD_C -> "cloud-c";
        };
    }

    private static String[] joined(String[] first, String[] second) {
        String[] all = new String[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
