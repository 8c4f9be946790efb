package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import java.nio.file.Path;

/** What runs where, and what to try: the last thing that {@code up} prints before it only waits. */
final class Guide {
    private final Layout layout;
    private final Ports ports;
    private final Clinic clinic;
    private final Console console;

    Guide(Layout layout, Ports ports, Clinic clinic, Console console) {
        this.layout = layout;
        this.ports = ports;
        this.clinic = clinic;
        this.console = console;
    }

    String text(Style style) {
        String home = Layout.REGIONS.getFirst();
        Path region = layout.regionData(home);
        int database = ports.of(home).database();
        Table parts =
                Table.headed("WHAT", "WHERE", "DATA", "LOG")
                        .row(
                                "edge " + Layout.EDGE,
                                ports.address(Layout.EDGE),
                                layout.edgeData().toString(),
                                layout.log(Layout.EDGE).toString());
        Layout.REGIONS.forEach(name -> addRegion(parts, name));
        for (String name : Layout.STEERS) {
            parts.row(
                    "steer " + name,
                    "DNS at " + Ports.HOST + ":" + ports.ofSteer(name).dns(),
                    layout.steerData(name).toString(),
                    layout.log(name).toString());
        }
        for (String name : Layout.DEVICES) {
            parts.row(
                    "device " + name,
                    "asks https://localhost:" + ports.street(),
                    layout.device(name).toString(),
                    "");
        }
        String first = Layout.DEVICES.getFirst();
        String second = Layout.DEVICES.getLast();
        return parts.text(style)
                + "\n\n"
                + style.bold("Try it, in another terminal:")
                + "\n\n"
                + clinicTried()
                + consoleTried()
                + tried(
                        "A nurse saves a patient on her device, and another reads it on his:",
                        "./holdfast device --store "
                                + layout.device(first)
                                + " put patients p1 name='Amina Yusuf' age=31",
                        "./holdfast device --store " + layout.device(second) + " get patients p1")
                + tried(
                        "The same over plain HTTP:",
                        "curl --cacert "
                                + layout.keys().resolve("ca.pem")
                                + " -H \"Authorization: Bearer $(cat "
                                + layout.device(second).resolve("grant")
                                + ")\" https://localhost:"
                                + ports.street()
                                + "/v1/scopes/"
                                + Layout.SCOPE
                                + "/collections/patients/documents/p1")
                + tried(
                        "And in PostgreSQL (jdbc:postgresql://127.0.0.1:"
                                + database
                                + "/holdfast):",
                        "PGPASSWORD=$(cat "
                                + region.resolve("postgres/password")
                                + ") psql -h 127.0.0.1 -p "
                                + database
                                + " -U holdfast holdfast -c 'select id, fields from document'")
                + tried(
                        "How the nodes reach each other:",
                        "./holdfast backbone show --door " + ports.edgeDoor())
                + tried(
                        "Which region users are sent to, and why; again after one is killed:",
                        "./holdfast steer explain "
                                + Layout.REGION_NAME
                                + " --type SRV --client 192.0.2.7 --settings "
                                + layout.settings(Layout.STEERS.getFirst()))
                + "Ctrl-C stops all of it and keeps the data.";
    }

    private void addRegion(Table parts, String name) {
        Path data = layout.regionData(name);
        Ports.OfRegion own = ports.of(name);
        parts.row(
                "region " + name,
                "https://localhost:" + own.http(),
                data.toString(),
                layout.log(name).toString());
        parts.row(
                "  RocketMQ",
                "127.0.0.1:" + own.namesrv(),
                data.resolve("broker").toString(),
                data.resolve("broker/broker.log").toString());
        parts.row(
                "  PostgreSQL",
                "127.0.0.1:" + own.database(),
                data.resolve("postgres").toString(),
                data.resolve("postgres/postgres.log").toString());
    }

    private String clinicTried() {
        if (!clinic.pages().areBuilt()) {
            return "  The clinic, a nurse's tablet in a browser, is not served: "
                    + clinic.pages().whyNot()
                    + ".\n\n";
        }
        return tried(
                "A nurse's tablet in a browser, at https://localhost:"
                        + ports.street()
                        + "/ (have the browser trust "
                        + layout.keys().resolve("ca.pem")
                        + ",\n  or go on past its warning; then the page does not load without"
                        + " the edge). It shows its key; this enrols it:",
                Clinic.grantCommand(layout));
    }

    private String consoleTried() {
        if (!console.pages().areBuilt()) {
            return "  The console, a page for operators, is not served: "
                    + console.pages().whyNot()
                    + ".\n\n";
        }
        return tried(
                "All of it on one page, for an operator, at "
                        + ports.address(Layout.EDGE)
                        + "/console/ (and at every other node),\n  with switches to cut the cable, black out"
                        + " the city and burn the edge. It asks for a grant;\n  this prints the one that"
                        + " was made for you:",
                "cat " + layout.operator());
    }

    private static String tried(String words, String... commands) {
        return "  " + words + "\n    " + String.join("\n    ", commands) + "\n\n";
    }
}
