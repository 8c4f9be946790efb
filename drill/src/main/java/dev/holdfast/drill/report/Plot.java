package dev.holdfast.drill.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * A plot as inline SVG, as wide as the place it is given. What stands at a share of the time says
 * so in percent, and curves are drawn in a box that is stretched, so that letters and strokes keep
 * their size on any screen. What befell the rings is drawn once, by {@link #shared}, and shown in
 * every plot.
 *
 * @param id of the element, unlike any other in the page
 * @param title what is shown
 * @param description what it shows, in words
 * @param isLettered whether the letters of the lanes stand above it
 * @param isTimed whether the times stand below it
 */
record Plot(
        String id,
        String title,
        String description,
        Scale time,
        Scale counts,
        int heightPixels,
        boolean isLettered,
        boolean isTimed,
        List<Curve> curves) {
    /** How wide the box of the curves is, before it is stretched. */
    private static final int BOX = 1_000;

    /** So far beyond the box go the edges of an area that are not its curve. */
    private static final int BEYOND = 20;

    private static final int LETTERS_PIXELS = 32;
    private static final int LETTER_ROW_PIXELS = 13;
    private static final int LETTER_ROWS = 2;
    private static final int TIMES_PIXELS = 24;
    private static final int GAP_PIXELS = 4;

    /** Letters nearer than that, in percent of the width, would run into each other on a phone. */
    private static final double LETTER_PERCENT = 5;

    /** A span that would be narrower than that, in percent, could not be seen. */
    private static final double SPAN_PERCENT_MIN = 0.3;

    /**
     * An area from zero up to a curve.
     *
     * @param style the class by which the style sheet knows it
     */
    record Curve(String style, List<Point> path) {
        /**
         * Of the curve.
         *
         * @param across how far along the time, from 0 to 1
         */
        record Point(double across, double count) {}

        /** Flat within each of the steps, which are equally long. */
        static Curve ofSteps(String style, double[] counts) {
            List<Point> path = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                path.add(new Point(i / (double) counts.length, counts[i]));
                path.add(new Point((i + 1) / (double) counts.length, counts[i]));
            }
            return new Curve(style, path);
        }

        /** From sample to sample. */
        static Curve of(String style, Course course, ToLongFunction<Sample> count) {
            List<Point> path = new ArrayList<>();
            for (Sample sample : course.samples()) {
                double across = sample.atMillis() / (double) course.lengthMillis();
                path.add(new Point(across, count.applyAsLong(sample)));
            }
            return new Curve(style, path);
        }
    }

    /** What every plot of the page shows of the lanes, itself out of sight. */
    static String shared(List<Lane> lanes, Scale time) {
        Markup spans = new Markup().open("g", "id=spans");
        Markup moments = new Markup().open("g", "id=moments");
        for (Lane lane : lanes) {
            for (Mark mark : lane.marks()) {
                String told = lane.letter() + " " + lane.words() + ": " + Lane.time(mark);
                String x = percent(time, mark.fromMillis());
                switch (mark) {
                    case Mark.Span span ->
                            spans.open(
                                            "rect",
                                            "class=span",
                                            "x=" + x,
                                            width(span, time),
                                            "height=100%")
                                    .leaf("title", told)
                                    .close("rect");
                    case Mark.Moment _ ->
                            moments.open("line", "class=moment", "x1=" + x, "x2=" + x, "y2=100%")
                                    .leaf("title", told)
                                    .close("line");
                }
            }
        }
        Markup svg = new Markup();
        svg.open("svg", "class=shared", "width=0", "height=0", "aria-hidden=true").open("defs");
        svg.raw(spans.close("g").toString()).raw(moments.close("g").toString());
        letters(svg, lanes, time);
        return svg.close("defs").close("svg").toString();
    }

    /** At the beginning of each mark, in the first row that has room there, if any has. */
    private static void letters(Markup svg, List<Lane> lanes, Scale time) {
        record Letter(String letter, long atMillis) {}
        List<Letter> all = new ArrayList<>();
        for (Lane lane : lanes) {
            for (Mark mark : lane.marks()) all.add(new Letter(lane.letter(), mark.fromMillis()));
        }
        all.sort(Comparator.comparingLong(Letter::atMillis));
        double[] taken = new double[LETTER_ROWS];
        Arrays.fill(taken, -LETTER_PERCENT);
        svg.open("g", "id=letters");
        for (Letter each : all) {
            double at = 100 * time.share((double) each.atMillis());
            int row = 0;
            while (row < LETTER_ROWS && at - taken[row] < LETTER_PERCENT) row++;
            if (row == LETTER_ROWS) continue;
            taken[row] = at;
            int y = LETTERS_PIXELS - GAP_PIXELS - row * LETTER_ROW_PIXELS;
            svg.leaf("text", each.letter(), "x=" + percent(time, each.atMillis()), "y=" + y);
        }
        svg.close("g");
    }

    /** The times of one lane alone, as a strip above the plots. */
    static String strip(Lane lane, Scale time) {
        Markup svg = new Markup();
        svg.open("svg", "class=strip", "width=100%", "height=12", "aria-hidden=true");
        for (Mark mark : lane.marks()) {
            String x = percent(time, mark.fromMillis());
            switch (mark) {
                case Mark.Span span ->
                        svg.open(
                                        "rect",
                                        "class=span",
                                        "x=" + x,
                                        width(span, time),
                                        "y=2",
                                        "height=8")
                                .close("rect");
                case Mark.Moment _ ->
                        svg.open("circle", "class=moment", "cx=" + x, "cy=6", "r=4")
                                .close("circle");
            }
        }
        return svg.close("svg").toString();
    }

    private static String width(Mark.Span span, Scale time) {
        double share = time.share((double) (span.toMillis() - span.fromMillis()));
        return "width=" + number(Math.max(100 * share, SPAN_PERCENT_MIN)) + "%";
    }

    String svg() {
        int top = isLettered ? LETTERS_PIXELS : GAP_PIXELS;
        int whole = top + heightPixels + (isTimed ? TIMES_PIXELS : GAP_PIXELS);
        String titled = id + "-title";
        String described = id + "-description";
        Markup svg = new Markup();
        svg.open(
                "svg",
                "class=plot",
                "width=100%",
                "height=" + whole,
                "role=img",
                "aria-labelledby=" + titled + " " + described);
        svg.leaf("title", title, "id=" + titled).leaf("desc", description, "id=" + described);
        if (isLettered) svg.leaf("use", "", "class=letters", "href=#letters");
        svg.open("svg", "y=" + top, "width=100%", "height=" + heightPixels);
        svg.leaf("use", "", "href=#spans");
        for (double tick : counts.ticks()) {
            String y = number(down(tick));
            svg.leaf("line", "", "class=grid", "x2=100%", "y1=" + y, "y2=" + y);
            svg.leaf("text", counts.countLabel(tick), "class=count", "x=-8", "y=" + y);
        }
        svg.open(
                "svg",
                "class=curves",
                "width=100%",
                "height=" + heightPixels,
                "viewBox=0 0 " + BOX + " " + heightPixels,
                "preserveAspectRatio=none");
        for (Curve curve : curves)
            svg.leaf("path", "", "class=" + curve.style(), "d=" + path(curve));
        svg.close("svg").leaf("use", "", "href=#moments").close("svg");
        if (isTimed) times(svg, top + heightPixels);
        return svg.close("svg").toString();
    }

    private void times(Markup svg, int base) {
        for (double tick : time.ticks()) {
            String x = number(100 * time.share(tick)) + "%";
            svg.leaf(
                    "line",
                    "",
                    "class=grid",
                    "x1=" + x,
                    "x2=" + x,
                    "y1=" + base,
                    "y2=" + (base + GAP_PIXELS));
            svg.leaf("text", time.timeLabel(tick), "class=time", "x=" + x, "y=" + (base + 18));
        }
    }

    private String path(Curve curve) {
        String below = number(heightPixels + BEYOND);
        StringBuilder path = new StringBuilder("M").append(-BEYOND).append(' ').append(below);
        for (Curve.Point point : curve.path()) {
            String y = number(down(point.count()));
            if (path.indexOf("L") < 0) path.append('L').append(-BEYOND).append(' ').append(y);
            path.append('L').append(number(point.across() * BOX)).append(' ').append(y);
        }
        return path.append('H')
                .append(BOX + BEYOND)
                .append('V')
                .append(below)
                .append('Z')
                .toString();
    }

    /** How many pixels below the top a count stands; half a stroke stays within the box. */
    private double down(double count) {
        return 1 + (heightPixels - 2) * (1 - counts.share(count));
    }

    private static String percent(Scale time, long millis) {
        return number(100 * time.share((double) millis)) + "%";
    }

    private static String number(double number) {
        String text = String.format(Locale.ROOT, "%.2f", number);
        return text.replaceFirst("\\.?0+$", "");
    }
}
