package dev.holdfast.node.api;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.node.telemetry.TraceParent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Documents over plain HTTP and JSON, for curl, functions and other languages. Each request shows a
 * grant and is held to its rights; each write names a key, if it is to be repeated safely.
 * Thread-safe.
 */
public final class DocumentsApi {
    private static final String SCOPE = "/v1/scopes/{scope}";
    private static final String COLLECTION = SCOPE + "/collections/{collection}/documents";
    private static final int MAX_LIMIT = 1_000;
    private static final int CHANGES_BYTES = 256 << 10;
    private static final int MAX_KEY_CHARS = 255;
    private static final String MERGE_PATCH = "application/merge-patch+json";

    private final Documents documents;
    private final Hub hub;
    private final GrantBook grants;
    private final Schema schema;
    private final InstantSource clock;
    private final LongAdder written = new LongAdder();

    /**
     * @param schema by which documents are shown and written
     */
    public DocumentsApi(
            Documents documents, Hub hub, GrantBook grants, Schema schema, InstantSource clock) {
        this.documents = documents;
        this.hub = hub;
        this.grants = grants;
        this.schema = schema;
        this.clock = clock;
    }

    /** Answers a request of somebody who showed a grant that counts. */
    @FunctionalInterface
    private interface Granted {
        Response handle(Request request, String scope, Grant grant);
    }

    public void register(Router router) {
        String document = COLLECTION + "/{id}";
        route(router, "GET", document, this::get);
        route(router, "PUT", document, this::put);
        route(router, "PATCH", document, this::patch);
        route(router, "DELETE", document, this::delete);
        route(router, "GET", COLLECTION, this::list);
        route(router, "GET", SCOPE + "/changes", this::changes);
    }

    /** Writes that changed anything, since the start. */
    public long writes() {
        return written.sum();
    }

    private void route(Router router, String method, String template, Granted handler) {
        router.route(
                method,
                template,
                request ->
                        switch (grants.judge(request.header(Bearer.HEADER), clock.millis())) {
                            case GrantBook.Verdict.Valid(SignedGrant signed) -> {
                                Grant grant = signed.grant();
                                if (grant.role() == Grant.Role.OPERATOR)
                                    yield ApiProblem.FORBIDDEN
                                            .problem(
                                                    "An operator's grant is for looking at nodes,"
                                                            + " not at what they keep for others.")
                                            .response();
                                yield handler.handle(request, scope(request), grant);
                            }
                            case GrantBook.Verdict.Refused(var code, String reason) ->
                                    ApiProblem.valueOf(code.name())
                                            .problem(reason)
                                            .response()
                                            .with("WWW-Authenticate", "Bearer");
                        });
    }

    private String scope(Request request) {
        String scope = request.parameter("scope");
        if (!Scope.isValid(scope)) throw ApiProblem.BAD_SCOPE.exception();
        return scope;
    }

    // Reading

    private Response get(Request request, String scope, Grant grant) {
        requireRead(grant, scope);
        DocumentId id = id(request);
        Document state = documents.document(scope, id);
        View view = view(id, state);
        if (!view.exists()) throw ApiProblem.DOCUMENT_UNKNOWN.exception();
        String tag = Expectation.tag(state);
        if (Expectation.of(request).has(state)) return Response.empty(304).with("ETag", tag);
        return json(view.fields()).with("ETag", tag);
    }

    private Response list(Request request, String scope, Grant grant) {
        requireRead(grant, scope);
        String collection = request.parameter("collection");
        int limit = (int) request.query("limit", 100, 1, MAX_LIMIT);
        String after = request.query("after").orElse("");
        Documents.Listing listing = documents.list(scope, collection, after, limit);
        StringBuilder out = new StringBuilder("{\"documents\":[");
        String last = "";
        String separator = "";
        for (Documents.Found found : listing.found()) {
            last = found.id().id();
            View view = view(found.id(), found.state());
            if (!view.exists()) continue; // what a delete-wins delete left
            out.append(separator).append(Json.print(entry(found, view)));
            separator = ",";
        }
        String next = listing.more() ? Json.print(Value.of(last)) : "null";
        return json(out.append("],\"after\":").append(next).append('}').toString());
    }

    private static Value entry(Documents.Found found, View view) {
        return Value.from(
                Map.of(
                        "id", found.id().id(),
                        "etag", Expectation.tag(found.state()),
                        "document", view.fields()));
    }

    private Response changes(Request request, String scope, Grant grant) {
        requireRead(grant, scope);
        boolean live = request.accepts("text/event-stream");
        Optional<String> text = live ? request.header("Last-Event-ID") : Optional.empty();
        if (text.isEmpty()) text = request.query("since").filter(since -> !since.isEmpty());
        Cursor since = text.map(CursorText::parse).orElse(null);
        int pageBytes = live ? 0 : CHANGES_BYTES;
        if (!(documents.changes(scope, since, pageBytes) instanceof Documents.Changes.Page page))
            throw ApiProblem.CURSOR_UNKNOWN.exception();
        if (live) {
            Optional<String> shown = request.header(Bearer.HEADER);
            BooleanSupplier granted =
                    () -> grants.judge(shown, clock.millis()) instanceof GrantBook.Verdict.Valid;
            return Response.events(events ->
                    new LiveFeed(documents, scope).run(events, hub, since, granted, this::changed));
        }
        StringBuilder out = new StringBuilder("{\"changes\":[");
        String separator = "";
        for (Documents.Changed changed : page.changed()) {
            out.append(separator).append(changed(changed));
            separator = ",";
        }
        out.append("],\"cursor\":\"").append(CursorText.print(page.cursor()));
        out.append("\",\"more\":").append(page.more()).append('}');
        return json(out.toString());
    }

    private String changed(Documents.Changed changed) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("collection", changed.id().collection());
        fields.put("id", changed.id().id());
        fields.put("dot", changed.dot().toString());
        Document state = changed.state();
        if (state != null) {
            View view = view(changed.id(), state);
            fields.put("exists", view.exists());
            if (view.exists()) {
                fields.put("document", view.fields());
                fields.put("etag", Expectation.tag(state));
            }
        }
        return Json.print(Value.from(fields));
    }

    // Writing

    private Response put(Request request, String scope, Grant grant) {
        Value.Map fields = object(request, Set.of(Response.Body.Whole.JSON));
        return write(request, scope, grant, state -> List.of(new Change.Put("", fields)));
    }

    private Response patch(Request request, String scope, Grant grant) {
        Value.Map patch = object(request, Set.of(Response.Body.Whole.JSON, MERGE_PATCH));
        DocumentId id = id(request);
        return write(
                request,
                scope,
                grant,
                state -> MergePatch.changes(patch, view(id, state).fields()));
    }

    private Response delete(Request request, String scope, Grant grant) {
        return write(request, scope, grant, state -> List.of(new Change.Delete()));
    }

    private Response write(
            Request request, String scope, Grant grant, Function<Document, List<Change>> changes) {
        requireServed(scope);
        DocumentId id = id(request);
        if (!grant.mayWrite(scope, id.collection())) {
            throw forbidden("The grant does not allow to write " + id.collection() + ".");
        }
        Expectation expectation = Expectation.of(request);
        Documents.Write write =
                new Documents.Write(
                        grant.subject(),
                        scope,
                        id,
                        request.header("Idempotency-Key")
                                .map(key -> key(key, request, id, expectation)),
                        expectation::holds,
                        changes,
                        trace(request));
        return switch (documents.write(write)) {
            case Documents.Outcome.Written done -> {
                if (done.dot().isPresent()) written.increment();
                yield written(request, id, done);
            }
            case Documents.Outcome.KeyReused _ -> throw ApiProblem.KEY_REUSED.exception();
            case Documents.Outcome.Unexpected(Document state) ->
                    ApiProblem.PRECONDITION_FAILED
                            .problem()
                            .response()
                            .with("ETag", Expectation.tag(state));
            case Documents.Outcome.Later(long pauseMillis) -> {
                Duration wait = Duration.ofMillis(pauseMillis);
                throw new ProblemException(ApiProblem.NO_ROOM.problem().retryAfter(wait));
            }
        };
    }

    private Response written(Request request, DocumentId id, Documents.Outcome.Written done) {
        View view = view(id, done.state());
        boolean gone = request.method().equals("DELETE") || !view.exists();
        Response answer = gone ? Response.empty(204) : json(view.fields());
        if (!gone) answer = answer.with("ETag", Expectation.tag(done.state()));
        if (done.dot().isPresent())
            answer = answer.with("Holdfast-Dot", done.dot().get().toString());
        String durability = done.durability().name().toLowerCase(Locale.ROOT);
        return answer.with("Holdfast-Durability", durability);
    }

    private static Documents.Key key(
            String key, Request request, DocumentId id, Expectation expectation) {
        boolean visible = key.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (key.isEmpty() || key.length() > MAX_KEY_CHARS || !visible)
            throw ApiProblem.BAD_KEY.exception();
        String asked =
                String.join(
                        "\n",
                        request.method(),
                        id.collection(),
                        id.id(),
                        expectation.toString(),
                        "");
        Bytes text = Bytes.wrap(asked.getBytes(StandardCharsets.UTF_8));
        return new Documents.Key(key, new Sha256().update(text).update(request.body()).digest());
    }

    /** Only one that the caller brought along: the usual one costs nothing in a batch. */
    private static @Nullable Bytes trace(Request request) {
        return request.header(TraceParent.HEADER)
                .flatMap(TraceParent::parse)
                .map(trace -> Bytes.fromHex(trace.traceId()))
                .orElse(null);
    }

    // Both

    private void requireRead(Grant grant, String scope) {
        requireServed(scope);
        if (!grant.mayRead(scope)) throw forbidden("The grant does not allow to read this scope.");
    }

    private void requireServed(String scope) {
        if (!documents.serves(scope)) throw ApiProblem.SCOPE_UNKNOWN.exception();
    }

    private static ProblemException forbidden(String detail) {
        return new ProblemException(ApiProblem.FORBIDDEN.problem(detail));
    }

    private View view(DocumentId id, Document state) {
        return View.of(state, schema.collection(id.collection()));
    }

    private static DocumentId id(Request request) {
        return new DocumentId(request.parameter("collection"), request.parameter("id"));
    }

    private static Value.Map object(Request request, Set<String> types) {
        String type = request.contentType();
        if (!types.contains(type)) throw ApiProblem.NOT_JSON.exception();
        Value value = Json.parse(utf8(request.body()));
        if (!(value instanceof Value.Map map)) throw ApiProblem.NOT_AN_OBJECT.exception();
        return map;
    }

    private static String utf8(Bytes body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body.unsafeArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(Problem.malformed("The body is not UTF-8."));
        }
    }

    private static Response json(Value value) {
        return json(Json.print(value));
    }

    private static Response json(String text) {
        return Response.json(200, text.getBytes(StandardCharsets.UTF_8))
                .with("Cache-Control", "no-store");
    }
}
