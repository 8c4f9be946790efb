package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.store.ReplicaStore;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Dns;

/**
 * What worked last, kept in the store: the endpoint, and the addresses of each host, which are used
 * where DNS answers nothing, or not in time. Where a connection failed they are tried before what
 * DNS says, since a lying resolver is one way to shut the internet down. Where the deployment's own
 * name servers are known ({@link NameServers}), they are part of what is asked. Thread-safe.
 */
final class KnownAddresses implements Dns {
    private static final String NOTE = "link/known";
    private static final String ENDPOINT = "endpoint";
    private static final String HOSTS = "hosts";
    private static final int MAX_HOSTS = 32;
    private static final int MAX_ADDRESSES = 8;
    private static final long PATIENCE_MILLIS = 2_000;

    private final ReplicaStore store;
    private final Dns resolver;
    private final ExecutorService threads;
    private final Map<String, List<InetAddress>> seen = new ConcurrentHashMap<>();
    private volatile boolean doubtful;

    KnownAddresses(ReplicaStore store, Dns resolver, ExecutorService threads) {
        this.store = store;
        this.resolver = resolver;
        this.threads = threads;
    }

    /** The endpoints, with the one that worked last before the others. */
    List<URI> order(List<URI> endpoints) {
        Optional<String> last = text(known(), ENDPOINT);
        List<URI> ordered = new ArrayList<>(endpoints);
        for (URI endpoint : endpoints) {
            if (last.isEmpty() || !endpoint.toString().equals(last.get())) continue;
            ordered.remove(endpoint);
            ordered.add(0, endpoint);
        }
        return ordered;
    }

    /** A server of the deployment answered there. */
    void worked(URI endpoint) {
        doubtful = false;
        Map<String, Value> before = known();
        Map<String, Value> hosts = new TreeMap<>(hosts(before));
        List<InetAddress> addresses = seen.get(host(endpoint));
        if (addresses != null) {
            List<Value> texts = new ArrayList<>();
            for (InetAddress address : addresses) {
                if (texts.size() < MAX_ADDRESSES) texts.add(Value.of(address.getHostAddress()));
            }
            if (hosts.size() >= MAX_HOSTS) hosts.clear();
            hosts.put(host(endpoint), new Value.Array(texts));
        }
        Value.Map now =
                new Value.Map(
                        Map.of(
                                ENDPOINT,
                                Value.of(endpoint.toString()),
                                HOSTS,
                                new Value.Map(hosts)));
        if (now.equals(new Value.Map(before))) return;
        Bytes note = CborWriter.encode(now);
        store.write(tables -> {
            tables.putNote(NOTE, note);
            return true;
        });
    }

    /** No endpoint answered. */
    void failed() {
        doubtful = !doubtful;
    }

    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        List<InetAddress> remembered = remembered(host);
        if (doubtful) addresses.addAll(remembered);
        UnknownHostException unknown = null;
        try {
            List<InetAddress> resolved = resolve(host, !remembered.isEmpty());
            addresses.addAll(resolved);
            if (!resolved.isEmpty()) seen.put(host, resolved);
        } catch (UnknownHostException e) {
            unknown = e;
        }
        addresses.addAll(remembered);
        if (addresses.isEmpty()) {
            throw unknown != null ? unknown : new UnknownHostException(host);
        }
        return List.copyOf(addresses);
    }

    /** Asks DNS; not for long if there is something to fall back to. */
    private List<InetAddress> resolve(String host, boolean hurried) throws UnknownHostException {
        if (!hurried) return resolver.lookup(host);
        Future<List<InetAddress>> answer = threads.submit(() -> resolver.lookup(host));
        try {
            return answer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new UnknownHostException(host + ": DNS does not answer");
        } catch (ExecutionException e) {
            throw new UnknownHostException(host + ": " + e.getCause());
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new UnknownHostException(host + ": interrupted");
        }
    }

    private List<InetAddress> remembered(String host) {
        List<InetAddress> addresses = new ArrayList<>();
        if (!(hosts(known()).get(host) instanceof Value.Array texts)) return addresses;
        for (Value text : texts.items()) {
            if (!(text instanceof Value.Text(String literal)) || !isLiteral(literal)) continue;
            try {
                byte[] address = InetAddress.getByName(literal).getAddress();
                addresses.add(InetAddress.getByAddress(host, address));
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address that is none in the store", e);
            }
        }
        return addresses;
    }

    private Map<String, Value> known() {
        Optional<Bytes> note = store.read(tables -> tables.note(NOTE));
        try {
            return note.isPresent() && CborReader.decode(note.get()) instanceof Value.Map map
                    ? map.fields()
                    : Map.of();
        } catch (MalformedException e) {
            return Map.of();
        }
    }

    private static Map<String, Value> hosts(Map<String, Value> known) {
        return known.get(HOSTS) instanceof Value.Map map ? map.fields() : Map.of();
    }

    private static Optional<String> text(Map<String, Value> known, String name) {
        return known.get(name) instanceof Value.Text text
                ? Optional.of(text.value())
                : Optional.empty();
    }

    /** Whether it can only be an address, so that no resolver is asked. */
    private static boolean isLiteral(String text) {
        return text.indexOf(':') >= 0 || text.matches("[0-9]+(\\.[0-9]+){3}");
    }

    private static String host(URI endpoint) {
        String host = endpoint.getHost();
        return host == null ? "" : host;
    }
}
