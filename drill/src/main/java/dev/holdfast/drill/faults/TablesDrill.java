package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.rings.Application;
import dev.holdfast.drill.rings.Demands;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.RegionProcess;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** Tables of an application in two regions that are cut off from each other, and killed. */
@Command(
        name = "tables",
        description =
                "Runs two regions that mirror a table of an application, which writes plain SQL in both: cuts"
                        + " them off from each other meanwhile, and kills each while the application goes on.",
        footer = {"", "It takes two minutes or so.", "Example: holdfast drill tables --seed 7"})
public final class TablesDrill extends Drill {
    @Override
    protected int parts() {
        return 4;
    }

    @Override
    protected Demands demands() {
        return Demands.CUTS;
    }

    @Override
    protected void place(Rings rings, Disks disks) {
        rings.mirror(2);
    }

    @Override
    protected Story story(Scene scene) {
        return new Rows(scene);
    }

    @Override
    protected String next() {
        return "holdfast drill region-loss";
    }

    private static final class Rows implements Story {
        private static final int ROWS = 1_000;

        /** Of each kind of meeting, so many rows. */
        private static final int MEETINGS = 50;

        private static final int STATEMENTS = 300;
        private static final int KILLS = 2;

        private static final String ALL =
                "SELECT md5(string_agg(s::text, chr(10) ORDER BY sku)) || ' of ' || count(*) FROM"
                        + " stock s";

        /** What is to be told, to be written, or put aside. */
        private static final String REST =
                "SELECT (SELECT count(*) FROM table_change) + (SELECT count(*) FROM table_due)"
                        + " + (SELECT count(*) FROM table_mirrored WHERE phase <> 'done')";

        private static final String APPLIED =
                "SELECT string_agg(encode(replica, 'hex') || encode(intervals, 'hex'), ' ' ORDER BY"
                        + " replica) FROM context WHERE scope = 'tables'";

        private final Scene scene;
        private final Random random;
        private final List<RegionProcess> regions;
        private final List<Application> applications = new ArrayList<>();
        private final Map<String, Object> figures = new TreeMap<>();

        Rows(Scene scene) {
            this.scene = scene;
            this.random = scene.random();
            this.regions = scene.rings().regions();
        }

        @Override
        public void tell() throws InterruptedException {
            Scene.write(scene.rings().nurses(), 10, 10);
            Scene.finish(scene.rings().nurses());
            for (RegionProcess region : regions)
                applications.add(scene.rings().application(region));
            named();
            apart();
            killed();
        }

        private Application at(int region) {
            return applications.get(region);
        }

        /** The table is there, with rows, before Holdfast hears of it. */
        private void named() throws InterruptedException {
            scene.begin("   An application has a table in each region; it is named to both");
            for (Application application : applications)
                application.run(
                        "CREATE TABLE stock (sku text PRIMARY KEY, name text NOT NULL, quantity int"
                                + " NOT NULL, price numeric)");
            at(0).run(
                            "INSERT INTO stock SELECT 's' || i, 'name ' || i, i, i / 3.0 FROM"
                                    + " generate_series(1, "
                                    + ROWS
                                    + ") i");
            scene.rings().mirrorTable("public.stock");
            long started = System.nanoTime();
            for (RegionProcess region : regions) {
                region.killAlone();
                region.start();
            }
            boolean same = Scene.await(this::isSame);
            scene.evidence()
                    .saw(
                            "rows that were there before are in both regions",
                            same && rows(1) == ROWS,
                            count(rows(1)) + " rows, " + seconds(Scene.since(started)));
            long one = System.nanoTime();
            at(1).run("UPDATE stock SET quantity = -1 WHERE sku = 's1'");
            boolean seen =
                    Scene.await(
                            () -> at(0).count("SELECT quantity FROM stock WHERE sku = 's1'") == -1);
            Duration time = Scene.since(one);
            figures.put("row-seconds", time.toMillis() / 1000.0);
            scene.evidence()
                    .saw("a row that one region changes changes in the other", seen, seconds(time));
        }

        /** Both change the same rows, and neither hears of it. */
        private void apart() throws InterruptedException {
            scene.network().cutRegions();
            scene.requireCut(Host.CLOUD, regions.get(1).host());
            scene.begin("   Cut off from each other: the application writes in both");
            meet(0, "UPDATE stock SET name = 'of a ' || sku", "UPDATE stock SET quantity = 7000");
            meet(1, "UPDATE stock SET price = 1.10", "UPDATE stock SET price = 2.20");
            meet(2, "DELETE FROM stock", "UPDATE stock SET name = 'kept'");
            for (int region = 0; region < 2; region++) anything(region);
            if (at(0).run(ALL).equals(at(1).run(ALL)))
                throw new DrillException("the regions were cut off, and have the same rows");
            long healed = System.nanoTime();
            scene.network().heal();
            boolean same = Scene.await(this::isSame);
            Duration time = Scene.since(healed);
            figures.put("catch-up-seconds", time.toMillis() / 1000.0);
            scene.evidence()
                    .saw(
                            "regions that were cut off from each other have the same rows",
                            same,
                            count(rows(0)) + " rows after " + seconds(time));
            long both =
                    at(0).count(
                                    "SELECT count(*) FROM stock WHERE name = 'of a ' || sku AND"
                                            + " quantity = 7000");
            scene.evidence()
                    .saw(
                            "two columns of a row that were changed apart are both there",
                            both == MEETINGS,
                            both + " of " + MEETINGS + " rows");
            long logged =
                    at(0).count(
                                    "SELECT count(DISTINCT id) FROM table_conflict WHERE field ="
                                            + " 'price' AND what = 'values' AND lost <> kept AND lost"
                                            + " IN ('\"1.10\"', '\"2.20\"') AND kept IN ('\"1.10\"',"
                                            + " '\"2.20\"')");
            scene.evidence()
                    .saw(
                            "of two values of a column one is shown, and both are in the log",
                            logged == MEETINGS,
                            logged + " of " + MEETINGS + " rows");
            long kept =
                    at(0).count(
                                    "SELECT count(*) FROM stock WHERE name = 'kept' AND price IS NOT"
                                            + " NULL");
            scene.evidence()
                    .saw(
                            "a row that was changed survives its delete elsewhere, whole",
                            kept == MEETINGS,
                            kept + " of " + MEETINGS + " rows");
        }

        /** Each region does something else to the rows of one kind. */
        private void meet(int kind, String here, String there) {
            int first = 100 + kind * MEETINGS;
            String rows =
                    " WHERE substr(sku, 2)::int BETWEEN "
                            + first
                            + " AND "
                            + (first + MEETINGS - 1);
            at(0).run(here + rows);
            at(1).run(there + rows);
        }

        /** Statements at random, on the rows that meet nothing. */
        private void anything(int region) {
            for (int i = 0; i < STATEMENTS; i++) {
                String sku = "s" + (ROWS / 2 + random.nextInt(ROWS));
                int value = random.nextInt(100_000);
                at(region)
                        .run(
                                switch (random.nextInt(4)) {
                                    case 0 -> "DELETE FROM stock WHERE sku = '" + sku + "'";
                                    case 1 ->
                                            "UPDATE stock SET name = 'n"
                                                    + value
                                                    + "' WHERE sku = '"
                                                    + sku
                                                    + "'";
                                    case 2 ->
                                            "UPDATE stock SET quantity = quantity + 1, price = NULL"
                                                    + " WHERE sku = '"
                                                    + sku
                                                    + "'";
                                    default ->
                                            "INSERT INTO stock VALUES ('"
                                                    + sku
                                                    + "', 'new', "
                                                    + value
                                                    + ", "
                                                    + value
                                                    + ") ON CONFLICT (sku) DO UPDATE SET price ="
                                                    + " excluded.price";
                                });
            }
        }

        /** The application goes on while a region's process is dead, and while it dies. */
        private void killed() throws InterruptedException {
            scene.begin("   kill -9 of each region while the application goes on");
            long waiting = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                for (int region = 0; region < 2; region++) {
                    anything(region);
                    // In the middle of working that off.
                    scene.pause(random.nextInt(50));
                    regions.get(region).killAlone();
                    scene.timeline().mark("kill -9 of " + regions.get(region).name());
                    anything(region);
                    waiting += at(region).count("SELECT count(*) FROM table_change");
                    anything(1 - region);
                    regions.get(region).start();
                }
            }
            figures.put("told-while-dead", waiting);
            scene.begin("   Until all is quiet");
            boolean same = Scene.await(this::isSame);
            scene.evidence()
                    .saw(
                            "what an application writes while its region is dead gets everywhere",
                            same && waiting > 0,
                            count(waiting) + " changes waited, " + 2 * KILLS + " kills");
        }

        private boolean isSame() {
            return at(0).count(REST) == 0
                    && at(1).count(REST) == 0
                    && at(0).run(APPLIED).equals(at(1).run(APPLIED))
                    && at(0).run(ALL).equals(at(1).run(ALL));
        }

        private long rows(int region) {
            return at(region).count("SELECT count(*) FROM stock");
        }

        @Override
        public void judge(RegionImage home) {
            try {
                String documents =
                        "SELECT md5(string_agg(id || encode(state, 'hex'), ' ' ORDER BY id)) FROM"
                                + " document WHERE scope = 'tables'";
                scene.evidence()
                        .saw(
                                "equal rows, equal documents, byte for byte",
                                at(0).run(documents).equals(at(1).run(documents))
                                        && at(0).run(ALL).equals(at(1).run(ALL)),
                                at(0).run(ALL).getFirst().replaceAll("^.* of ", "") + " rows");
                String shown =
                        "SELECT count(*) FROM stock s FULL JOIN (SELECT * FROM document WHERE scope"
                                + " = 'tables' AND fields IS NOT NULL) d ON d.id = s.sku WHERE s.sku IS"
                                + " NULL OR d.id IS NULL OR s.quantity::text <> d.fields->>'quantity'"
                                + " OR s.name <> d.fields->>'name' OR s.price::text IS DISTINCT FROM"
                                + " d.fields->>'price'";
                long differ = at(0).count(shown) + at(1).count(shown);
                scene.evidence()
                        .saw("rows are what their documents show", differ == 0, differ + " differ");
                String twice =
                        "SELECT count(*) - (SELECT sum(last - first + 1) FROM batch WHERE scope ="
                                + " 'tables') FROM operation WHERE scope = 'tables'";
                long operations =
                        at(0).count("SELECT count(*) FROM operation WHERE scope = 'tables'");
                scene.evidence()
                        .saw(
                                "a change of a row has one effect",
                                at(0).count(twice) == 0 && at(1).count(twice) == 0,
                                count(operations) + " operations");
            } finally {
                applications.forEach(Application::close);
            }
        }

        @Override
        public Map<String, Object> figures() {
            return figures;
        }
    }
}
