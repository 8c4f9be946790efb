package dev.holdfast.store;

import java.nio.file.Path;
import java.util.List;

/**
 * The shape of the database, as the steps that lead to it; {@code user_version} counts those taken.
 *
 * <p>A <i>place</i> is a scope's number times 2^42 plus a number within it (of the feed, or of an
 * own sequence): one integer key for what is read in that order.
 */
final class Migrations {
    /** "Hold" in ASCII. */
    static final int APPLICATION_ID = 0x486f6c64;

    private static final List<String> STEPS =
            List.of(
                    """
                    create table notes (name text primary key, value blob not null) without rowid;
                    create table scopes (
                      id integer primary key, name text not null unique,
                      number integer not null, running blob not null);
                    create table batches (
                      place integer primary key, scope integer not null, replica blob not null,
                      first integer not null, last integer not null,
                      hash blob not null, previous blob not null, running blob not null);
                    create unique index batches_of_replica on batches (scope, replica, first);
                    create table bodies (place integer primary key, batch blob not null);
                    create table documents (
                      scope integer not null, collection text not null, id text not null,
                      state blob not null, shown text,
                      primary key (scope, collection, id));
                    create table contexts (
                      scope integer not null, replica blob not null, intervals blob not null,
                      primary key (scope, replica)) without rowid;
                    create table marks (
                      scope integer not null, replica blob not null, seq integer not null,
                      collection text not null, id text not null,
                      path text not null, kind integer not null, element blob not null,
                      hlc integer not null,
                      primary key (scope, replica, seq, collection, id, path, kind, element))
                      without rowid;
                    create table authors (
                      scope integer primary key, replica blob not null, next_seq integer not null,
                      sealed_seq integer not null, sealed_hash blob not null,
                      clock integer not null);
                    create table unsealed (
                      place integer primary key, last integer not null,
                      body blob not null);
                    create table own_documents (
                      scope integer not null, collection text not null, id text not null,
                      replica blob not null, seq integer not null,
                      primary key (scope, collection, id, replica, seq)) without rowid;
                    create table set_aside (
                      scope integer not null, replica blob not null, seq integer not null,
                      new_seq integer not null, common integer not null, body blob not null,
                      primary key (scope, replica, seq)) without rowid;
                    create table outbox (
                      place integer primary key, scope integer not null, replica blob not null,
                      first integer not null, last integer not null, bytes integer not null,
                      level integer not null, since integer not null);
                    create index outbox_of_replica on outbox (scope, replica, first, last, level);
                    create table rejections (
                      scope integer not null, replica blob not null, first integer not null,
                      last integer not null, hash blob not null, code integer not null,
                      reason text not null, at integer not null,
                      primary key (scope, replica, first)) without rowid;
                    create table rejected_documents (
                      scope integer not null, collection text not null, id text not null,
                      replica blob not null, first integer not null,
                      primary key (scope, collection, id, replica, first)) without rowid;
                    create table watermarks (
                      scope integer not null, replica blob not null, level integer not null,
                      reach integer not null, receipt blob not null,
                      primary key (scope, replica, level)) without rowid;
                    create table cursors (
                      scope integer primary key, node blob not null, number integer not null,
                      running blob not null);
                    create table grants (replica blob primary key, signed blob not null)
                      without rowid;
                    create table quarantine (
                      hash blob primary key, scope integer not null, replica blob not null,
                      first integer not null, last integer not null, code integer not null,
                      reason text not null, at integer not null, batch blob not null);
                    create index quarantine_of_replica on quarantine (scope, replica, first);
                    """,
                    // A batch's bytes stand in the row of its head: a push then changes one page
                    // less, and pages are most of what a commit costs.
                    """
                    alter table batches add column batch blob;
                    update batches set batch =
                      (select b.batch from bodies b where b.place = batches.place);
                    drop table bodies;
                    """,
                    // A refusal is passed on with the signature of whoever said it. Those from
                    // before have none, and are kept for this node's own eyes.
                    """
                    alter table rejections add column node blob not null
                      default x'00000000000000000000000000000000';
                    alter table rejections add column signature blob not null default x'';
                    """,
                    // A replica may have several grants, the last one given first.
                    """
                    alter table grants rename to single_grants;
                    create table grants (
                      replica blob not null, place integer not null, signed blob not null,
                      primary key (replica, place)) without rowid;
                    insert into grants select replica, 0, signed from single_grants;
                    drop table single_grants;
                    """,
                    // What a person has dealt with stays in quarantine, and is no longer open. The
                    // index
                    // finds both kinds without reading past the batches, which stand before the
                    // columns.
                    """
                    alter table quarantine add column settled integer;
                    alter table quarantine add column settled_by text;
                    alter table quarantine add column settled_why text;
                    create index quarantine_settled on quarantine (settled);
                    """);

    private Migrations() {}

    /** Brings the database of {@code sql}, which may be new, to the newest shape. */
    static void apply(Sql sql, Path file) {
        long application = sql.number("pragma application_id");
        long version = sql.number("pragma user_version");
        boolean isNew = sql.number("select count(*) from sqlite_schema") == 0;
        if (!isNew && application != APPLICATION_ID) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT, "The file " + file + " is not a replica store");
        }
        if (version > STEPS.size()) {
            throw new StoreException(
                    StoreException.Kind.NEWER_VERSION,
                    "The store "
                            + file
                            + " has version "
                            + version
                            + "; this program knows up to "
                            + STEPS.size());
        }
        for (int step = (int) version; step < STEPS.size(); step++) {
            sql.begin("begin immediate");
            for (String statement : STEPS.get(step).split(";", -1)) {
                if (!statement.isBlank()) sql.run(statement);
            }
            sql.run("pragma application_id = " + APPLICATION_ID);
            sql.run("pragma user_version = " + (step + 1));
            sql.run("commit");
        }
    }
}
