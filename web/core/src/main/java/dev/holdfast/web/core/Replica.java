package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Heard;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Succession;
import dev.holdfast.core.replica.Withdrawal;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.core.sync.Bundle;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Upstream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * A device in a page: what it holds, in memory. Everything here is synchronous; what must become
 * durable is {@linkplain #take taken} by whoever owns it and written elsewhere. Times are
 * milliseconds since 1970.
 */
@JSClass
public final class Replica {
    private final Image image;
    private final Schema schema;
    private final Patience patience = new Patience();

    /**
     * The device of a key.
     *
     * @param publicKey raw, 32 bytes
     * @param names of the rows that are kept
     * @param contents theirs, in the same order
     * @param schema as {@link Schema} says, an object
     */
    @JSExport
    public Replica(
            Uint8Array publicKey,
            JSArray<Uint8Array> names,
            JSArray<Uint8Array> contents,
            JSObject schema) {
        this.schema = Schema.of(JsValues.in(schema));
        List<Image.Row> rows = new ArrayList<>();
        for (int i = 0; i < names.getLength(); i++)
            rows.add(new Image.Row(Octets.in(names.get(i)), Octets.in(contents.get(i))));
        image = Image.of(ReplicaId.ofKey(Octets.in(publicKey)), rows);
    }

    @JSExport
    public String id() {
        return image.self().toString();
    }

    // What becomes durable.

    /** The rows that changed since this was last called, as pairs; null without a value. */
    @JSExport
    public JSArray<JSArray<JSObject>> take() {
        JSArray<JSArray<JSObject>> rows = new JSArray<>();
        for (Image.Row row : image.take()) {
            JSArray<JSObject> pair = new JSArray<>();
            pair.push(Octets.out(row.name()));
            Bytes content = row.content();
            pair.push(content == null ? JsObjects.nothing() : Octets.out(content));
            rows.push(pair);
        }
        return rows;
    }

    @JSExport
    public boolean isChanged() {
        return image.isChanged();
    }

    /** What was taken is durable. */
    @JSExport
    public void flushed() {
        image.flushed();
    }

    /** What was taken could not be written: goes back to what is durable. */
    @JSExport
    public void lost() {
        image.lost();
    }

    /** What changed since this was last called. */
    @JSExport
    public JSArray<JSObject> news() {
        JSArray<JSObject> news = new JSArray<>();
        image.news()
                .forEach((scope, what) ->
                        news.push(
                                new JsObjects()
                                        .put("scope", scope)
                                        .put("grew", what.grew)
                                        .put("heard", what.heard)
                                        .put("documents", names(what.documents))
                                        .done()));
        return news;
    }

    // Writing.

    /**
     * Writes a transaction: see {@link Changes} for the form. Answers the first and the last
     * sequence number, 0 where nothing had to be changed.
     */
    @JSExport
    public JSObject write(String scope, JSObject changes, double nowMillis) {
        Map<DocumentId, List<Change>> asked = Changes.of(JsValues.in(changes));
        dev.holdfast.core.operation.Scope.require(scope);
        return written(
                image.write(tables -> author(tables).write(scope, asked, null, (long) nowMillis)));
    }

    private Author author(ImageTables tables) {
        return new Author(tables, image.self(), schema);
    }

    private static JSObject written(Author.Written written) {
        return new JsObjects().put("first", written.first()).put("last", written.last()).done();
    }

    /** How far operations have got; null once they are as durable as they must be. */
    @JSExport
    public @Nullable String durability(String scope, double first, double last) {
        return wordOrNull(
                image.<@Nullable Durability>read(
                        tables -> tables.pending(scope, (long) first, (long) last)));
    }

    // Reading.

    @JSExport
    public JSArray<JSString> ids(String scope, String collection) {
        List<String> ids = new ArrayList<>();
        for (DocumentId id : image.read(tables -> tables.documents(scope, collection)))
            ids.add(id.id());
        return JsObjects.texts(ids);
    }

    /** A document as it is shown, and how it is doing; null where there is none. */
    @JSExport
    public @Nullable JSObject show(String scope, String collection, String id) {
        DocumentId document = new DocumentId(collection, id);
        return image.<@Nullable JSObject>read(tables -> {
            Document state = tables.document(scope, document);
            View view = View.of(state, schema.collection(collection));
            if (!view.exists()) return null;
            JsObjects shown = new JsObjects().put("id", id);
            shown.put("fields", JsValues.out(view.fields()));
            shown.putIfAny("durability", wordOrNull(tables.pending(scope, document)));
            shown.put("reached", word(reached(tables, scope, document, state)));
            shown.put("conflicts", conflicts(view));
            JSArray<JSObject> refusals = new JSArray<>();
            for (Forms.Refusal refusal : refusals(tables, scope))
                if (refusal.documents().contains(document)) refusals.push(refusal(tables, refusal));
            return shown.put("rejections", refusals).done();
        });
    }

    /** How far the least of the own writes to a document has got, though it may be deleted. */
    @JSExport
    public @Nullable String pending(String scope, String collection, String id) {
        return wordOrNull(
                image.<@Nullable Durability>read(
                        tables -> tables.pending(scope, new DocumentId(collection, id))));
    }

    /**
     * How far the least of all that a document shows is known to have got, whoever wrote it, and
     * the least of the own writes to it.
     */
    @JSExport
    public String reached(String scope, String collection, String id) {
        DocumentId document = new DocumentId(collection, id);
        return word(
                image.read(tables ->
                        reached(tables, scope, document, tables.document(scope, document))));
    }

    private Durability reached(
            ImageTables tables, String scope, DocumentId document, Document state) {
        Durability all = new Heard(tables, scope).ofAll(state, image.own());
        Durability own = tables.pending(scope, document);
        return own == null || own.reaches(all) ? all : own;
    }

    private static JSObject conflicts(View view) {
        JsObjects conflicts = new JsObjects();
        view.conflicts()
                .forEach((path, hidden) -> {
                    JSArray<JSObject> values = new JSArray<>();
                    for (View.Hidden one : hidden)
                        values.push(
                                new JsObjects()
                                        .put("value", JsValues.out(one.value()))
                                        .put("author", one.dot().replica().toString())
                                        .put("atMillis", one.millis())
                                        .done());
                    conflicts.put(path, values);
                });
        return conflicts.done();
    }

    // Refusals.

    /** Refusals of own writes, in all scopes. */
    @JSExport
    public JSArray<JSObject> refusals() {
        return image.read(tables -> {
            JSArray<JSObject> refusals = new JSArray<>();
            for (String scope : tables.scopes())
                for (Forms.Refusal refusal : refusals(tables, scope))
                    refusals.push(refusal(tables, refusal));
            return refusals;
        });
    }

    /**
     * Takes back what a refused write left standing; with {@code again} it is written anew, on top
     * of what stands now.
     */
    @JSExport
    public JSObject withdraw(String scope, double from, boolean again, double nowMillis) {
        return written(
                image.write(tables -> {
                    Forms.Refusal refusal = refusal(tables, scope, (long) from);
                    if (refusal == null) throw new MalformedException("there is no such refusal");
                    Span span = refusal.verdict().rejection().span();
                    var changes = Withdrawal.of(tables, scope, span, refusal.documents());
                    return again
                            ? author(tables).write(scope, changes, null, (long) nowMillis)
                            : Author.Written.NOTHING;
                }));
    }

    private Forms.@Nullable Refusal refusal(ImageTables tables, String scope, long from) {
        for (Forms.Refusal refusal : refusals(tables, scope))
            if (refusal.verdict().rejection().span().from() == from) return refusal;
        return null;
    }

    private List<Forms.Refusal> refusals(ImageTables tables, String scope) {
        List<Forms.Refusal> all = new ArrayList<>();
        for (ReplicaId author : image.own()) all.addAll(tables.refusals(scope, author));
        return all;
    }

    private static JSObject refusal(ImageTables tables, Forms.Refusal refusal) {
        Rejection rejection = refusal.verdict().rejection();
        Span span = rejection.span();
        return new JsObjects()
                .put("scope", rejection.scope())
                .put("first", span.from())
                .put("last", span.to())
                .put("code", rejection.code().text())
                .put("reason", rejection.reason())
                .put("atMillis", refusal.atMillis())
                .put("documents", names(refusal.documents()))
                .put("settled", !Outbox.answersFor(tables, rejection.scope(), span))
                .done();
    }

    // Who this is, and how it is doing.

    /** The grant it has; null before {@link #enrol}. */
    @JSExport
    public @Nullable JSObject grant() {
        SignedGrant grant = ownGrant();
        return grant == null ? null : said(grant);
    }

    /** What a grant says, unverified. */
    @JSExport
    public JSObject readGrant(Uint8Array encoded) {
        return said(SignedGrant.decode(Octets.in(encoded)));
    }

    /** What must hold of a grant that an authority signed. */
    @JSExport
    public JSArray<JSObject> grantChecks(Uint8Array encoded, Uint8Array authority) {
        return Session.checks(SignedGrant.decode(Octets.in(encoded)).checks(Octets.in(authority)));
    }

    /** Takes a verified grant for this device's key. */
    @JSExport
    public void enrol(Uint8Array encoded) {
        SignedGrant grant = SignedGrant.decode(Octets.in(encoded));
        if (!grant.replica().equals(image.self()))
            throw new MalformedException("the grant is for another key");
        image.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
    }

    private @Nullable SignedGrant ownGrant() {
        return image.<@Nullable SignedGrant>read(tables -> tables.grant(image.self()));
    }

    private static JSObject said(SignedGrant grant) {
        return new JsObjects()
                .put("replica", grant.replica().toString())
                .put("subject", grant.grant().subject())
                .put("notAfterMillis", grant.grant().notAfterMillis())
                .put("encoded", grant.encoded())
                .done();
    }

    // Succession.

    /**
     * What the present key signs so that {@code next} takes its place; null without a grant to pass
     * on.
     */
    @JSExport
    public @Nullable Uint8Array successionText(Uint8Array next) {
        SignedGrant grant = ownGrant();
        if (grant == null || grant.successions().size() == Limits.SUCCESSIONS) return null;
        return Octets.out(grant.successionText(Octets.in(next)));
    }

    /**
     * Goes on under another key, since somebody else writes under this one. What nobody
     * acknowledged is written again under the new one; it leaves once it is known what of it
     * arrived under the old.
     *
     * @param signature over {@link #successionText}; without it the new key has no grant yet
     */
    @JSExport
    public void succeed(Uint8Array next, @Nullable Uint8Array signature) {
        Bytes key = Octets.in(next);
        SignedGrant grant = ownGrant();
        image.succeed(
                ReplicaId.ofKey(key),
                grant == null || signature == null
                        ? null
                        : grant.succeededBy(key, Octets.in(signature)));
    }

    /** Whether anything waits until a feed was followed to its end. */
    @JSExport
    public boolean isHeld() {
        return image.read(tables -> {
            for (String scope : tables.scopes()) if (tables.isHeld(scope)) return true;
            return false;
        });
    }

    /** The feed of the node above was followed to its end. */
    @JSExport
    public void caughtUp(String scope) {
        image.write(tables -> {
            if (tables.isHeld(scope)) new Succession(tables).caughtUp(scope);
            return true;
        });
    }

    /** The scopes that it holds anything of. */
    @JSExport
    public JSArray<JSString> scopes() {
        return JsObjects.texts(image.read(ImageTables::scopes));
    }

    /** What no other node is known to have. */
    @JSExport
    public JSObject backlog() {
        ImageTables.Backlog backlog = image.read(ImageTables::backlog);
        return new JsObjects()
                .put("operations", backlog.operations())
                .put("bytes", backlog.bytes())
                .put("oldestMillis", backlog.oldestMillis())
                .done();
    }

    /** A value that is kept beside the documents, and changes with them; null for none. */
    @JSExport
    public @Nullable Uint8Array note(String name) {
        Bytes value = image.<@Nullable Bytes>read(tables -> tables.note(name));
        return value == null ? null : Octets.out(value);
    }

    @JSExport
    public void putNote(String name, Uint8Array value) {
        image.write(tables -> {
            tables.putNote(name, Octets.in(value));
            return true;
        });
    }

    @JSExport
    public void dropNote(String name) {
        image.write(tables -> {
            tables.putNote(name, null);
            return true;
        });
    }

    @JSExport
    public JSArray<JSString> noteNames() {
        return JsObjects.texts(image.read(ImageTables::noteNames));
    }

    /**
     * A session with a server, under the grant that it has.
     *
     * @param authorities the public keys that may sign grants
     * @param retainUntil a durability
     * @param rounds whether it goes by posts, else by a socket
     */
    @JSExport
    public Session session(JSArray<Uint8Array> authorities, String retainUntil, boolean rounds) {
        return new Session(
                new Exchange(
                        image,
                        ownGrants(),
                        new HashSet<>(JsObjects.octets(authorities)),
                        schema,
                        level(retainUntil),
                        patience,
                        rounds));
    }

    // Bundles.

    /** What was written in a scope and is not sealed yet, the oldest of it; null for nothing. */
    @JSExport
    public @Nullable Draft draft(String scope) {
        Granted grants = ownGrants();
        Batch.Draft draft =
                image.<Batch.@Nullable Draft>read(tables ->
                        tables.isHeld(scope)
                                ? null
                                : author(tables).draft(scope, grants, Limits.BATCH_BYTES));
        return draft == null ? null : new Draft(image, schema, draft);
    }

    /** All that it answers for and has sealed, as a file. It must not leave before a flush. */
    @JSExport
    public Uint8Array bundle(String retainUntil) {
        Grant.Role role = ownGrants().newest().grant().role();
        return Octets.out(
                image.read(tables ->
                        new Upstream(tables, image.self(), role, level(retainUntil))
                                .bundle()
                                .encoded()));
    }

    /**
     * A file that somebody else's {@link #bundle} is.
     *
     * @param authorities the public keys that may sign grants
     */
    @JSExport
    public Incoming incoming(
            Uint8Array file,
            JSArray<Uint8Array> authorities,
            String retainUntil,
            double nowMillis) {
        Grant reader = ownGrants().newest().grant();
        Bundle bundle = Bundle.decode(Octets.in(file));
        Set<Bytes> believed = new HashSet<>(JsObjects.octets(authorities));
        Bundle.Admittance door = bundle.new Admittance(reader, believed, (long) nowMillis);
        return new Incoming(image, door, reader.role(), level(retainUntil));
    }

    private Granted ownGrants() {
        Granted grants = image.<@Nullable Granted>read(tables -> tables.granted(image.self()));
        if (grants == null) throw new IllegalStateException("no grant for this key yet");
        return grants;
    }

    /** Its name as pages write it. Not by lower case, which would bring all of Unicode's along. */
    static String word(Durability level) {
        return switch (level) {
            case DEVICE -> "device";
            case EDGE -> "edge";
            case REGION -> "region";
            case APPLIED -> "applied";
            case GLOBAL -> "global";
        };
    }

    private static @Nullable String wordOrNull(@Nullable Durability level) {
        return level == null ? null : word(level);
    }

    private static Durability level(String word) {
        for (Durability level : Durability.values()) if (word(level).equals(word)) return level;
        throw new MalformedException("an unknown durability: " + word);
    }

    private static JSArray<JSArray<JSString>> names(Iterable<DocumentId> documents) {
        JSArray<JSArray<JSString>> names = new JSArray<>();
        for (DocumentId document : documents)
            names.push(JsObjects.texts(List.of(document.collection(), document.id())));
        return names;
    }
}
