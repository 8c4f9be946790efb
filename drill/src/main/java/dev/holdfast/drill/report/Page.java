package dev.holdfast.drill.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The frame of a page: everything that it needs is within it. */
final class Page {
    private static final String STYLE = "report.css";

    private Page() {}

    /** Opens everything down to the element in which the contents stand. */
    static Markup open(String title) {
        Markup page = new Markup().raw("<!doctype html>\n").open("html", "lang=en").open("head");
        page.single("meta", "charset=utf-8");
        page.single("meta", "name=viewport", "content=width=device-width, initial-scale=1");
        page.single("meta", "name=color-scheme", "content=light dark");
        // Else a browser asks for one.
        page.single("link", "rel=icon", "href=data:,");
        page.leaf("title", title);
        page.open("style").raw(style()).close("style").close("head");
        return page.open("body").open("main");
    }

    static String close(Markup page) {
        return page.close("main").close("body").close("html").toString();
    }

    private static String style() {
        try (InputStream in = Page.class.getResourceAsStream(STYLE)) {
            if (in == null) throw new IllegalStateException(STYLE + " is not in the program");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + STYLE, e);
        }
    }
}
