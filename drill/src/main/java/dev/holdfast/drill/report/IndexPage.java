package dev.holdfast.drill.report;

import java.util.List;

/** The page that leads to those of several drills, and says what came of each. */
public final class IndexPage {
    private IndexPage() {}

    /** The name of the page of a drill, beside this one. */
    public static String pageOf(String drill) {
        return drill + ".html";
    }

    /**
     * The whole page, in HTML.
     *
     * @param drills at least one, in the order in which they run
     */
    public static String of(List<Report> drills) {
        Report first = drills.getFirst();
        String verdict = verdict(drills);
        Markup page = Page.open("Holdfast drills: " + verdict);
        page.open("header").leaf("p", "Holdfast", "class=kind").leaf("h1", "All drills");
        page.leaf("p", verdict, "class=verdict " + mood(drills)).close("header");
        page.open("dl").leaf("dt", "Begun").leaf("dd", Words.minute(first.begun()));
        page.leaf("dt", "Seed").leaf("dd", Long.toString(first.seed()));
        page.leaf("dt", "Run them again", "class=again").open("dd", "class=again");
        page.leaf("code", "holdfast drill all --seed " + first.seed()).close("dd").close("dl");
        page.open("table", "class=drills").open("thead").open("tr");
        for (String heading : List.of("Drill", "Guarantees", "Time"))
            page.leaf("th", heading, "scope=col");
        page.close("tr").close("thead").open("tbody");
        for (Report drill : drills) {
            page.open("tr", "class=drill").open("th", "scope=row");
            page.leaf("a", drill.name(), "href=" + pageOf(drill.name())).close("th");
            page.leaf("td", state(drill), "class=" + drill.mood());
            boolean isOpen = drill.ending() instanceof Report.Ending.Open;
            page.leaf("td", isOpen ? "" : Words.time(drill.took().toMillis())).close("tr");
            page.open("tr").leaf("td", drill.about(), "class=quiet", "colspan=3").close("tr");
        }
        page.close("tbody").close("table");
        return Page.close(page);
    }

    private static String state(Report drill) {
        return switch (drill.ending()) {
            case Report.Ending.Open _ -> "has not ended";
            case Report.Ending.Judged judged ->
                    judged.held()
                            + " of "
                            + judged.guarantees().size()
                            + (judged.allHeld() ? " held" : " held: BROKEN");
            case Report.Ending.Undone _ -> "could not be done";
        };
    }

    private static String verdict(List<Report> drills) {
        long held = drills.stream().filter(Report::held).count();
        if (held == drills.size()) return "All " + held + " drills held.";
        long open = count(drills, "open");
        String rest = open == 1 ? ", 1 has not ended." : ", " + open + " have not ended.";
        return held + " of " + drills.size() + " drills held" + (open == 0 ? "." : rest);
    }

    private static String mood(List<Report> drills) {
        if (count(drills, "broken") > 0) return "broken";
        return count(drills, "open") > 0 ? "open" : "held";
    }

    private static long count(List<Report> drills, String mood) {
        return drills.stream().filter(each -> each.mood().equals(mood)).count();
    }
}
