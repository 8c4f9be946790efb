package dev.holdfast.region.mirror;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The regions that this one follows, by the names that people and tables give them. */
public record Peers(List<URI> addresses) {
    public Peers {
        addresses = List.copyOf(addresses);
    }

    /** The host and port of a peer: what it goes by. */
    public static String name(URI peer) {
        return String.valueOf(peer.getAuthority());
    }

    /** The peer of a name, an address, or a host where only one peer is there. */
    Optional<URI> find(String text) {
        String name = text.replaceFirst("^https://", "").replaceFirst("/+$", "");
        List<URI> found = new ArrayList<>();
        for (URI peer : addresses) {
            if (name(peer).equals(name)) return Optional.of(peer);
            if (name.equals(peer.getHost())) found.add(peer);
        }
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    List<String> names() {
        return addresses.stream().map(Peers::name).toList();
    }

    @Override
    public String toString() {
        return addresses.isEmpty() ? "none" : names().stream().collect(Collectors.joining(", "));
    }
}
