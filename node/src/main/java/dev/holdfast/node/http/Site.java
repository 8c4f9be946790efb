package dev.holdfast.node.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder's files as a web site: pages that a node serves itself, so that they load while
 * everything beyond it is cut off.
 *
 * <p>The files are read once, when the node starts, and served from memory: a request names one of
 * them or nothing, so that no path leads out of the folder, and half of an update is never seen.
 * Links are not followed, and names that begin with a dot are passed over. {@code index.html}
 * answers for its folder.
 *
 * <p>Every answer forbids what a page of this project never does: to load anything from elsewhere,
 * to run scripts that stand within a page, to be framed.
 *
 * <p>{@code /site.json} names the files and their version, so that a service worker can keep all of
 * one version, and take the next as a whole: {@code {"version": …, "files": [["index.html"], …]}},
 * each by the parts of its path. A site that stands under a folder's name has all of that there.
 * Immutable.
 */
public final class Site {
    private static final int MOST_FILES = 2_000;
    private static final long MOST_BYTES = 64L << 20;
    private static final String INDEX = "index.html";
    private static final String MANIFEST = "site.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the node's own paths begin with. */
    private static final Set<String> TAKEN =
            Set.of("v1", "healthz", "readyz", "metrics", "console", MANIFEST);

    private static final Map<String, String> CONTENT_TYPES =
            Map.ofEntries(
                    Map.entry("css", "text/css; charset=utf-8"),
                    Map.entry("html", "text/html; charset=utf-8"),
                    Map.entry("ico", "image/x-icon"),
                    Map.entry("jpg", "image/jpeg"),
                    Map.entry("js", "text/javascript; charset=utf-8"),
                    Map.entry("json", "application/json"),
                    Map.entry("map", "application/json"),
                    Map.entry("mjs", "text/javascript; charset=utf-8"),
                    Map.entry("png", "image/png"),
                    Map.entry("svg", "image/svg+xml"),
                    Map.entry("txt", "text/plain; charset=utf-8"),
                    Map.entry("wasm", "application/wasm"),
                    Map.entry("webmanifest", "application/manifest+json"),
                    Map.entry("webp", "image/webp"),
                    Map.entry("woff2", "font/woff2"));

    private static final Map<String, String> HEADERS =
            Map.of(
                    "Cross-Origin-Opener-Policy",
                    "same-origin",
                    "Cross-Origin-Resource-Policy",
                    "same-origin",
                    "Referrer-Policy",
                    "no-referrer",
                    // To be asked each time whether it is still the same, which costs no body.
                    "Cache-Control",
                    "no-cache");

    private record Page(String contentType, Bytes bytes, String tag) {}

    private final List<String> place;
    private final Map<List<String>, Page> pages;
    private final String policy;

    private Site(List<String> place, Map<List<String>, Page> pages, List<String> others) {
        this.place = place;
        this.pages = pages;
        StringBuilder connect = new StringBuilder();
        if (!others.isEmpty())
            connect.append("connect-src 'self' ").append(String.join(" ", others)).append("; ");
        this.policy =
                "default-src 'self'; "
                        + connect
                        + "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action"
                        + " 'none'; frame-ancestors 'none'";
    }

    /**
     * Reads the folder, for the root of the node.
     *
     * @throws IOException when it cannot be read, holds too much, or a name that is the node's own
     */
    public static Site load(Path folder) throws IOException {
        Site site = new Site(List.of(), read(folder), List.of());
        for (List<String> segments : site.pages.keySet()) {
            if (TAKEN.contains(segments.getFirst()))
                throw new IOException(
                        folder.resolve(segments.getFirst())
                                + " has a name that the node's own API or pages have");
        }
        return site;
    }

    /**
     * Reads the folder, for a folder of the node.
     *
     * @param others origins that its pages may ask besides their own node
     * @throws IOException when it cannot be read, or holds too much
     */
    public static Site load(Path folder, String place, List<String> others) throws IOException {
        return new Site(List.of(place), read(folder), others);
    }

    private static Map<List<String>, Page> read(Path folder) throws IOException {
        Reader reader = new Reader(folder);
        Files.walkFileTree(folder, reader);
        return reader.pages;
    }

    private Page manifest() {
        Sha256 version = new Sha256();
        ArrayNode files = JSON.createArrayNode();
        pages.forEach((segments, page) -> {
            ArrayNode file = files.addArray();
            segments.forEach(file::add);
            version.update(Bytes.wrap(file.toString().getBytes(StandardCharsets.UTF_8)));
            version.update(Sha256.of(page.bytes()));
        });
        ObjectNode manifest = JSON.createObjectNode().put("version", version.digest().hex());
        manifest.set("files", files);
        Bytes text = Bytes.wrap(manifest.toString().getBytes(StandardCharsets.UTF_8));
        return new Page("application/json", text, tag(text));
    }

    public void register(Router router) {
        Page manifest = manifest();
        router.page(placed(List.of(MANIFEST)), request -> answer(request, manifest));
        pages.forEach((segments, page) -> {
            router.page(placed(segments), request -> answer(request, page));
            if (segments.getLast().equals(INDEX))
                router.folder(
                        placed(segments.subList(0, segments.size() - 1)),
                        request -> answer(request, page));
        });
    }

    private List<String> placed(List<String> segments) {
        return Stream.concat(place.stream(), segments.stream()).toList();
    }

    private Response answer(Request request, Page page) {
        boolean same = request.header("If-None-Match").filter(page.tag()::equals).isPresent();
        Response answer =
                same
                        ? Response.empty(304)
                        : new Response(
                                200,
                                Map.of(),
                                new Response.Body.Whole(page.contentType(), page.bytes()));
        Map<String, String> headers = new TreeMap<>(HEADERS);
        headers.put("Content-Security-Policy", policy);
        headers.put("ETag", page.tag());
        return new Response(answer.status(), headers, answer.body());
    }

    /** A weak one: what is sent may be compressed. */
    private static String tag(Bytes content) {
        return "W/\"" + Sha256.of(content).slice(0, 16).hex() + "\"";
    }

    private static final class Reader extends SimpleFileVisitor<Path> {
        /** In a fixed order, whatever the file system's is: the version depends on it. */
        final Map<List<String>, Page> pages =
                new TreeMap<>(Comparator.comparing(segments -> String.join("/", segments)));

        private final Path folder;
        private long bytes;

        Reader(Path folder) {
            this.folder = folder;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return isHidden(path) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
                throws IOException {
            if (!attributes.isRegularFile() || isHidden(path)) return FileVisitResult.CONTINUE;
            List<String> segments = new ArrayList<>();
            for (Path name : folder.relativize(path)) segments.add(name.toString());
            bytes += attributes.size();
            if (pages.size() == MOST_FILES || bytes > MOST_BYTES)
                throw new IOException(
                        folder
                                + " holds more than "
                                + MOST_FILES
                                + " files, or "
                                + (MOST_BYTES >> 20)
                                + " MiB");
            Bytes content = Bytes.wrap(Files.readAllBytes(path));
            pages.put(List.copyOf(segments), new Page(contentType(path), content, tag(content)));
            return FileVisitResult.CONTINUE;
        }

        private boolean isHidden(Path path) {
            Path name = path.getFileName();
            return !path.equals(folder) && name != null && name.toString().startsWith(".");
        }

        private static String contentType(Path path) {
            String name = String.valueOf(path.getFileName());
            String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
            return CONTENT_TYPES.getOrDefault(ending, "application/octet-stream");
        }
    }
}
