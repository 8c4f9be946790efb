package dev.holdfast.drill.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.operation.Durability;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
    private static final Course EMPTY = new Course(0, List.of(), List.of(), 0);
    private static final Report OPEN =
            Report.open("flicker", "Ups & <downs>.", 7, Instant.parse("2026-11-25T14:02:00Z"));
    private static final Report JUDGED =
            OPEN.ended(
                    new Report.Ending.Judged(
                            "proxies",
                            List.of(
                                    new Report.Row("a < b & c", "\"0\" of 2's", true),
                                    new Report.Row("d", "1 lost", false))),
                    Duration.ofSeconds(143));

    @TempDir Path folder;

    @Test
    void words_with_signs_of_html_are_shown_as_they_are() throws Exception {
        Mark mark = new Mark.Span("a <b> & \"c\"", 0, 500);
        String page = ReportPage.of(JUDGED, course(3, List.of(mark)));
        assertThat(page)
                .contains(
                        "Ups &amp; &lt;downs&gt;.", "a &lt; b &amp; c", "&quot;0&quot; of 2&#39;s")
                .contains("a &lt;b&gt; &amp; &quot;c&quot;")
                .doesNotContain("<downs>", "<b> &");
        assertThat(texts(page, "td")).contains("\"0\" of 2's", "held", "BROKEN");
        assertThat(texts(page, "th")).contains("a < b & c", "a <b> & \"c\"");
    }

    @Test
    void says_what_came_of_it_and_how_to_run_it_again() throws Exception {
        String page = ReportPage.of(JUDGED, EMPTY);
        assertThat(texts(page, "p")).contains("1 of 2 guarantees are broken.");
        assertThat(texts(page, "dd"))
                .contains("25 Nov 2026, 14:02 UTC", "143.0 s", "7", "proxies")
                .contains("holdfast drill flicker --seed 7");
    }

    @Test
    void an_empty_timeline_is_told_in_words() throws Exception {
        String page = ReportPage.of(JUDGED, EMPTY);
        assertThat(texts(page, "p")).contains("Nothing was sampled: there is nothing to plot.");
        assertThat(page).doesNotContain("<svg");
    }

    @Test
    void one_sample_is_no_curve_and_its_faults_are_told_all_the_same() throws Exception {
        String page = ReportPage.of(JUDGED, course(1, List.of(new Mark.Moment("kill", 0))));
        assertThat(texts(page, "p")).contains("It was too short to plot.");
        assertThat(texts(page, "th")).contains("kill");
        assertThat(page).doesNotContain("<svg");
    }

    @Test
    void each_plot_has_a_name_and_a_description() throws Exception {
        String page = ReportPage.of(JUDGED, course(5, List.of()));
        assertThat(parsed(page).getElementsByTagName("desc").getLength()).isEqualTo(7);
        Pattern named =
                Pattern.compile(
                        "role=\"img\" aria-labelledby=\"(\\S+) (\\S+)\">"
                                + "<title id=\"\\1\">[^<]+</title>\\s*<desc id=\"\\2\">[^<]+</desc>");
        assertThat(named.matcher(page).results())
                .hasSize(7)
                .extracting(plot -> plot.group(1))
                .doesNotHaveDuplicates();
    }

    @Test
    void a_long_drill_with_many_faults_makes_a_page_of_bounded_size() throws Exception {
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < Timeline.MARKS_MAX; i++)
            marks.add(new Mark.Span("cut", i * 100L, i * 100L + 50));
        String page = ReportPage.of(JUDGED, course(Timeline.SAMPLES_MAX, marks));
        assertThat(page.length()).isLessThan(1_000_000);
        assertThat(page).contains(" and 1,940 more");
        parsed(page);
    }

    @Test
    void letters_do_not_run_into_each_other() {
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < 40; i++) marks.add(new Mark.Moment("kill " + i, i * 10L));
        String shared = Plot.shared(Lane.of(marks), Scale.ofTime(10_000));
        Pattern letter = Pattern.compile("<text x=\"([0-9.]+)%\" y=\"([0-9]+)\">");
        List<MatchResult> all = letter.matcher(shared).results().toList();
        assertThat(all).hasSize(2).extracting(each -> each.group(2)).doesNotHaveDuplicates();
    }

    @Test
    void the_page_needs_nothing_from_outside() {
        String page = ReportPage.of(JUDGED, course(5, List.of(new Mark.Moment("kill", 9))));
        assertThat(page).doesNotContain("<script", "http:", "https:", "url(", "@import", "src=");
    }

    @Test
    void a_drill_that_could_not_be_done_says_why() throws Exception {
        Report undone = OPEN.ended(new Report.Ending.Undone("no <nft>"), Duration.ofSeconds(1));
        assertThat(texts(ReportPage.of(undone, EMPTY), "pre")).containsExactly("no <nft>");
    }

    @Test
    void the_index_leads_to_every_drill_and_says_what_came_of_it() throws Exception {
        Report held =
                Report.open("states", "Four.", 7, Instant.EPOCH)
                        .ended(
                                new Report.Ending.Judged(
                                        "proxies", List.of(new Report.Row("a", "1", true))),
                                Duration.ofSeconds(2));
        String page = IndexPage.of(List.of(held, JUDGED, OPEN));
        assertThat(page).contains("href=\"states.html\"", "href=\"flicker.html\"");
        assertThat(texts(page, "p")).contains("1 of 3 drills held, 1 has not ended.");
        assertThat(texts(page, "td"))
                .containsSubsequence("1 of 1 held", "2.0 s", "Four.")
                .containsSubsequence("1 of 2 held: BROKEN", "143.0 s", "Ups & <downs>.")
                .containsSubsequence("has not ended", "");
        assertThat(texts(IndexPage.of(List.of(held)), "p")).contains("All 1 drills held.");
    }

    @Test
    void a_file_that_cannot_be_written_is_refused_with_its_reason() throws Exception {
        assertThatThrownBy(() -> PageFile.write(folder.resolve("none").resolve("x.html"), ""))
                .isInstanceOfSatisfying(
                        Failure.class,
                        told -> assertThat(told.why()).endsWith("there is no such folder"));
        assertThatThrownBy(() -> PageFile.write(folder, ""))
                .isInstanceOfSatisfying(
                        Failure.class, told -> assertThat(told.why()).endsWith("it is a folder"));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> PageFile.makeFolder(file))
                .isInstanceOfSatisfying(
                        Failure.class, told -> assertThat(told.why()).endsWith("it is a file"));
    }

    private static Course course(int samples, List<Mark> marks) {
        List<Sample> all = new ArrayList<>();
        for (long i = 0; i < samples; i++)
            all.add(
                    new Sample(
                            i * 500,
                            Map.of(Durability.DEVICE, i, Durability.APPLIED, i / 2),
                            i - i / 2,
                            i / 2));
        return new Course((samples - 1) * 500L, all, marks, 0);
    }

    private static List<String> texts(String page, String tag) throws Exception {
        NodeList found = parsed(page).getElementsByTagName(tag);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            Node each = Objects.requireNonNull(found.item(i));
            texts.add(Objects.requireNonNull(each.getTextContent()).strip());
        }
        return texts;
    }

    /** Pages are well-formed but for the elements that HTML leaves open. */
    private static Document parsed(String page) throws Exception {
        String closed =
                page.replace("<!doctype html>", "").replaceAll("(<(meta|link)[^>]*)>", "$1/>");
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(closed)));
    }
}
