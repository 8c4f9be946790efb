package dev.holdfast.store.link;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import okhttp3.Dns;

/**
 * Several sources of addresses, asked at once: whichever answers is enough. Those that are named
 * earlier are given a moment more once a later one has answered, and their addresses come first: a
 * network's own resolver is near, and may lie.
 */
final class FirstAnswer implements Dns {
    private static final long MOMENT_MILLIS = 300;

    private final List<Dns> sources;
    private final ExecutorService threads;

    FirstAnswer(List<Dns> sources, ExecutorService threads) {
        this.sources = List.copyOf(sources);
        this.threads = threads;
    }

    /** What one source said: addresses, or why none. */
    private record Answer(int source, List<InetAddress> addresses, String failure) {}

    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
        BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        List<Future<?>> asked = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            int source = i;
            asked.add(threads.submit(() -> answers.add(ask(source, host))));
        }
        try {
            return collect(answers);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException(host + ": interrupted");
        } finally {
            asked.forEach(each -> each.cancel(true));
        }
    }

    private Answer ask(int source, String host) {
        try {
            return new Answer(source, sources.get(source).lookup(host), "");
        } catch (UnknownHostException e) {
            return new Answer(source, List.of(), String.valueOf(e.getMessage()));
        }
    }

    private List<InetAddress> collect(BlockingQueue<Answer> answers)
            throws InterruptedException, UnknownHostException {
        SortedMap<Integer, Answer> said = new TreeMap<>();
        while (said.size() < sources.size()) {
            Answer answer = answers.take();
            said.put(answer.source(), answer);
            if (answer.addresses().isEmpty()) continue;
            while (said.headMap(answer.source()).size() < answer.source()) {
                Answer better = answers.poll(MOMENT_MILLIS, TimeUnit.MILLISECONDS);
                if (better == null) break;
                said.put(better.source(), better);
            }
            break;
        }
        Set<InetAddress> all = new LinkedHashSet<>();
        said.values().forEach(answer -> all.addAll(answer.addresses()));
        if (!all.isEmpty()) return List.copyOf(all);
        throw new UnknownHostException(
                said.values().stream().map(Answer::failure).collect(Collectors.joining("; ")));
    }
}
