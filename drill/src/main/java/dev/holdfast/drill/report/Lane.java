package dev.holdfast.drill.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All marks of the same words, under a letter by which plots name them.
 *
 * @param letter A to Z, then AA and so on
 */
record Lane(String letter, String words, List<Mark> marks) {
    private static final int LETTERS = 26;

    /** More times than these are not told one by one. */
    private static final int TOLD_MAX = 60;

    Lane {
        marks = List.copyOf(marks);
    }

    /** By which began first. */
    static List<Lane> of(List<Mark> marks) {
        Map<String, List<Mark>> byWords = new LinkedHashMap<>();
        for (Mark mark : marks)
            byWords.computeIfAbsent(mark.words(), none -> new ArrayList<>()).add(mark);
        List<Lane> lanes = new ArrayList<>();
        byWords.forEach((words, same) -> lanes.add(new Lane(letter(lanes.size()), words, same)));
        return lanes;
    }

    private static String letter(int index) {
        String last = Character.toString('A' + index % LETTERS);
        return index < LETTERS ? last : letter(index / LETTERS - 1) + last;
    }

    /** Such as {@code 3 times, 12.4 s in all}. */
    String sum() {
        long total = marks.stream().mapToLong(mark -> mark.toMillis() - mark.fromMillis()).sum();
        String lasted = total == 0 ? "" : ", " + Words.time(total);
        if (marks.size() == 1) return "once" + lasted;
        return Words.count(marks.size()) + " times" + (total == 0 ? "" : lasted + " in all");
    }

    /** Each of the times. */
    String times() {
        StringBuilder times = new StringBuilder();
        for (Mark mark : marks.subList(0, Math.min(TOLD_MAX, marks.size())))
            times.append(times.isEmpty() ? "" : ", ").append(time(mark));
        if (marks.size() > TOLD_MAX)
            times.append(" and ").append(Words.count(marks.size() - TOLD_MAX)).append(" more");
        return times.toString();
    }

    static String time(Mark mark) {
        return switch (mark) {
            case Mark.Moment(_, long at) -> Words.time(at);
            case Mark.Span(_, long from, long to) -> Words.time(from) + " to " + Words.time(to);
        };
    }
}
