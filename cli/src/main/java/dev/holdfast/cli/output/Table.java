package dev.holdfast.cli.output;

import java.util.ArrayList;
import java.util.List;

/** Rows of text under a heading, aligned at the left, two blanks between columns. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean headed;

    private Table(boolean headed) {
        this.headed = headed;
    }

    public static Table headed(String... headings) {
        Table table = new Table(true);
        table.rows.add(List.of(headings));
        return table;
    }

    public static Table plain() {
        return new Table(false);
    }

    public Table row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    public boolean isEmpty() {
        return rows.size() == (headed ? 1 : 0);
    }

    /** The lines, without a line break at the end; the heading bold where {@code style} can. */
    public String text(Style style) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int width = width(row.get(i));
                if (i == widths.size()) widths.add(width);
                else widths.set(i, Math.max(widths.get(i), width));
            }
        }
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < rows.size(); at++) {
            String line = line(rows.get(at), widths);
            if (at > 0) text.append('\n');
            text.append(headed && at == 0 ? style.bold(line) : line);
        }
        return text.toString();
    }

    private static String line(List<String> row, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String cell = row.get(i);
            line.append(cell);
            if (i < row.size() - 1) line.repeat(' ', widths.get(i) - width(cell) + 2);
        }
        return line.toString().stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
