package dev.holdfast.drill.report;

import dev.holdfast.core.operation.Durability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/** The page of one drill: what came of it, and what it looked like over time. */
public final class ReportPage {
    private static final List<Durability> LEVELS =
            List.of(Durability.DEVICE, Durability.EDGE, Durability.REGION, Durability.APPLIED);

    private static final int PLOT_PIXELS = 144;
    private static final int STRIP_PIXELS = 64;

    /** Ticks are at least so far apart. */
    private static final int TICK_PIXELS = 20;

    private static final int TICKS_MAX = 5;

    private final Report report;
    private final Course course;
    private final List<Lane> lanes;
    private final Scale time;
    private final Markup page;

    private ReportPage(Report report, Course course) {
        this.report = report;
        this.course = course;
        lanes = Lane.of(course.marks());
        time = Scale.ofTime(Math.max(1, course.lengthMillis()));
        page = Page.open("drill " + report.name() + ": " + report.verdict());
    }

    /** The whole page, in HTML. */
    public static String of(Report report, Course course) {
        return new ReportPage(report, course).write();
    }

    private String write() {
        page.open("header");
        page.leaf("p", "Holdfast drill", "class=kind");
        page.leaf("h1", report.name());
        page.leaf("p", report.verdict(), "class=verdict " + report.mood());
        page.leaf("p", report.about());
        page.close("header");
        facts();
        switch (report.ending()) {
            case Report.Ending.Open _ -> {}
            case Report.Ending.Undone(String why) -> {
                page.leaf("h2", "Why it could not be done");
                page.leaf("pre", why);
                if (course.isDrawable()) overTime();
            }
            case Report.Ending.Judged judged -> {
                guarantees(judged);
                overTime();
            }
        }
        return Page.close(page);
    }

    private void facts() {
        page.open("dl");
        fact("Begun", Words.minute(report.begun()));
        if (!(report.ending() instanceof Report.Ending.Open))
            fact("Took", Words.time(report.took().toMillis()));
        fact("Seed", Long.toString(report.seed()));
        if (report.ending() instanceof Report.Ending.Judged judged) fact("Network", judged.means());
        page.leaf("dt", "Run it again", "class=again").open("dd", "class=again");
        page.leaf("code", "holdfast drill " + report.name() + " --seed " + report.seed());
        page.close("dd").close("dl");
    }

    private void fact(String name, String value) {
        page.leaf("dt", name).leaf("dd", value);
    }

    private void guarantees(Report.Ending.Judged judged) {
        page.leaf("h2", "Guarantees");
        page.open("table", "class=guarantees").open("thead").open("tr");
        for (String heading : List.of("Guarantee", "Figure", "Held"))
            page.leaf("th", heading, "scope=col");
        page.close("tr").close("thead").open("tbody");
        for (Report.Row row : judged.guarantees()) {
            page.open("tr").leaf("th", row.guarantee(), "scope=row").leaf("td", row.figure());
            page.leaf(
                    "td",
                    row.held() ? "held" : "BROKEN",
                    "class=" + (row.held() ? "held" : "broken"));
            page.close("tr");
        }
        page.close("tbody").close("table");
    }

    private void overTime() {
        page.leaf("h2", "Over time");
        if (!course.isDrawable()) {
            page.leaf(
                    "p",
                    course.samples().isEmpty()
                            ? "Nothing was sampled: there is nothing to plot."
                            : "It was too short to plot.");
            faultsTable();
            return;
        }
        page.raw(Plot.shared(lanes, time));
        faults();
        acknowledgements();
        backlog();
        databaseWrites();
        durability();
        faultsTable();
    }

    /** What befell the rings, a line each; and the key to what plots show of it. */
    private void faults() {
        if (lanes.isEmpty()) return;
        page.open("figure");
        page.leaf("h3", "Faults");
        page.leaf(
                "p",
                "Every plot shows them: what lasts shades its time, a moment is a line. A letter"
                        + " stands where one begins.");
        for (Lane lane : lanes) {
            page.open("p", "class=lane");
            page.leaf("b", lane.letter()).text(" " + lane.words());
            page.leaf("span", " " + lane.sum(), "class=quiet");
            page.close("p").open("div", "class=across").raw(Plot.strip(lane, time));
            page.close("div");
        }
        page.close("figure");
    }

    private void acknowledgements() {
        List<double[]> rates = new ArrayList<>();
        for (Durability level : LEVELS) rates.add(course.rates(reached(level)));
        double most = rates.stream().mapToDouble(ReportPage::most).max().orElse(0);
        figure(
                "Acknowledgements a second",
                "Writes a second whose people were told that they reached this level, or one"
                        + " above it. Each step is "
                        + Words.time(Math.round(course.stepMillis()))
                        + ".");
        for (int i = 0; i < LEVELS.size(); i++) {
            Durability level = LEVELS.get(i);
            String sum =
                    Words.count(last(reached(level)))
                            + " in all, at most "
                            + Words.rate(most(rates.get(i)))
                            + " a second";
            page.open("p", "class=lane");
            swatch(style(level));
            page.leaf("b", level.name()).text(" " + Words.level(level));
            page.leaf("span", " " + sum, "class=quiet").close("p");
            plot(
                    "rate-" + style(level),
                    "Acknowledgements a second, " + level.name() + ": " + Words.level(level),
                    sum,
                    most,
                    STRIP_PIXELS,
                    i == 0,
                    i == LEVELS.size() - 1,
                    List.of(Plot.Curve.ofSteps(style(level), rates.get(i))));
        }
        page.close("figure");
    }

    private void backlog() {
        Sample worst =
                course.samples().stream()
                        .max(Comparator.comparingLong(Sample::backlog))
                        .orElseThrow();
        String words =
                worst.backlog() == 0
                        ? "No write ever waited for longer than a sample takes."
                        : "At most "
                                + Words.count(worst.backlog())
                                + " writes waited, at "
                                + Words.time(worst.atMillis())
                                + "; at the end "
                                + Words.count(last(Sample::backlog))
                                + ".";
        figure("Backlog", words + " Saved by devices, and not yet in the record.");
        plot(
                "backlog",
                "Backlog",
                words,
                (double) worst.backlog(),
                PLOT_PIXELS,
                true,
                true,
                List.of(Plot.Curve.of("waiting", course, Sample::backlog)));
        page.close("figure");
    }

    private void databaseWrites() {
        double[] rates = course.rates(Sample::inDatabase);
        String words =
                "PostgreSQL took at most "
                        + Words.rate(most(rates))
                        + " operations a second, and held "
                        + Words.count(last(Sample::inDatabase))
                        + " at the end.";
        figure("Database writes a second", words + " Operations of all devices count.");
        plot(
                "database",
                "Database writes a second",
                words,
                most(rates),
                PLOT_PIXELS,
                true,
                true,
                List.of(Plot.Curve.ofSteps("applied", rates)));
        page.close("figure");
    }

    private void durability() {
        String words =
                "Of "
                        + Words.count(last(reached(Durability.DEVICE)))
                        + " writes, "
                        + Words.count(last(reached(Durability.APPLIED)))
                        + " are known to be in the record at the end.";
        figure("Durability reached", words + " Each level holds those above it as well.");
        page.open("ul", "class=key");
        List<Plot.Curve> curves = new ArrayList<>();
        for (Durability level : LEVELS) {
            page.open("li");
            swatch(style(level));
            page.leaf("b", level.name()).text(" " + Words.level(level)).close("li");
            curves.add(Plot.Curve.of(style(level), course, reached(level)));
        }
        page.close("ul");
        plot(
                "durability",
                "Durability reached",
                words,
                (double) last(reached(Durability.DEVICE)),
                PLOT_PIXELS * 4 / 3,
                true,
                true,
                curves);
        page.close("figure");
    }

    private void figure(String title, String words) {
        page.open("figure").leaf("h3", title).leaf("p", words);
    }

    private void swatch(String style) {
        page.open("i", "class=swatch " + style).close("i");
    }

    private void plot(
            String id,
            String title,
            String description,
            double most,
            int pixels,
            boolean isLettered,
            boolean isTimed,
            List<Plot.Curve> curves) {
        Plot plot =
                new Plot(
                        id,
                        title,
                        description,
                        time,
                        Scale.ofCounts(most, Math.min(TICKS_MAX, pixels / TICK_PIXELS)),
                        pixels,
                        isLettered && !lanes.isEmpty(),
                        isTimed,
                        curves);
        page.open("div", "class=across").raw(plot.svg()).close("div");
    }

    private void faultsTable() {
        if (lanes.isEmpty()) return;
        page.leaf("h3", "The faults, and when");
        page.open("table", "class=faults").open("thead").open("tr");
        for (String heading : List.of("", "Fault", "When")) page.leaf("th", heading, "scope=col");
        page.close("tr").close("thead").open("tbody");
        for (Lane lane : lanes) {
            page.open("tr").leaf("td", lane.letter()).leaf("th", lane.words(), "scope=row");
            page.leaf("td", lane.times()).close("tr");
        }
        page.close("tbody").close("table");
        if (course.unmarked() > 0)
            page.leaf(
                    "p", "Not shown: " + Words.count(course.unmarked()) + " more that came later.");
    }

    private static ToLongFunction<Sample> reached(Durability level) {
        return sample -> sample.reached(level);
    }

    private long last(ToLongFunction<Sample> count) {
        return count.applyAsLong(course.samples().getLast());
    }

    private static double most(double[] rates) {
        double most = 0;
        for (double rate : rates) most = Math.max(most, rate);
        return most;
    }

    private static String style(Durability level) {
        return switch (level) {
            case DEVICE -> "device";
            case EDGE -> "edge";
            case REGION -> "region";
            case APPLIED, GLOBAL -> "applied";
        };
    }
}
