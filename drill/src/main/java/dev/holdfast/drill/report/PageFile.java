package dev.holdfast.drill.report;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Where a page goes. It is written before the drill begins, saying that it has not ended, and again
 * at the end: a file that cannot be written is found at once, and none ever says what is not so.
 */
public final class PageFile {
    private PageFile() {}

    /**
     * Writes it, in the place of what was there.
     *
     * @throws Failure when that cannot be done
     */
    public static void write(Path file, String page) {
        try {
            Files.writeString(file, page);
        } catch (IOException e) {
            throw new Failure(
                    "the report cannot be written",
                    file + ": " + reason(file, e),
                    "name a file in a folder that is there and may be written, such as --report"
                            + " report.html",
                    e);
        }
    }

    /**
     * Makes the folder for pages, where there is none.
     *
     * @throws Failure when that cannot be done
     */
    public static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new Failure(
                    "the folder for the reports cannot be made",
                    folder + ": " + (Files.exists(folder) ? "it is a file" : said(e)),
                    "name a folder that is there or can be made, such as --report reports",
                    e);
        }
    }

    private static String reason(Path file, IOException e) {
        if (Files.isDirectory(file)) return "it is a folder";
        return switch (e) {
            case NoSuchFileException _ -> "there is no such folder";
            case AccessDeniedException _ -> "it may not be written";
            default -> said(e);
        };
    }

    private static String said(IOException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
