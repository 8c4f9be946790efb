-- The application's own tables, mirrored: a row is a document (collection: the table's name, id: its
-- key), and what stands here says where the two differ.

-- The tables that are named in the settings, as they were found last.
CREATE TABLE table_mirrored (
    name     text COLLATE "C" PRIMARY KEY, -- schema.table
    scope    text COLLATE "C" NOT NULL,
    relation oid    NOT NULL, -- another one means another table of the same name
    columns  text[] NOT NULL, -- whose values are taken from rows into documents
    phase    text   NOT NULL, -- of taking in what was there: documents, columns, rows, done
    place    text[]           -- how far that has come: an id, or the parts of a key
);

-- Rows that the application has changed; written by a trigger in its own transaction. It says where
-- to look and not what is there, so that a repetition is harmless.
CREATE TABLE table_change (
    number   bigint GENERATED ALWAYS AS IDENTITY,
    relation oid         NOT NULL,
    key      text[]      NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (relation, number)
);

-- Rows that do not show their documents yet.
CREATE TABLE table_due (
    scope      text COLLATE "C" NOT NULL,
    collection text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    seen       bytea       NOT NULL, -- the state of the document that the row does show
    since      timestamptz NOT NULL DEFAULT now(),
    reason     text,                 -- why the row could not be written; null while nobody tried
    tries      int         NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, collection, id)
) WITH (fillfactor = 70);
CREATE INDEX table_due_next ON table_due (scope, collection, next_at);

-- What of a row no document can carry, and so no other region has; the row here keeps it.
CREATE TABLE table_refused (
    scope      text COLLATE "C" NOT NULL,
    collection text COLLATE "C" NOT NULL,
    key        text[]      NOT NULL,
    field      text        NOT NULL, -- the column; empty for the whole row
    reason     text        NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, collection, key, field)
);

-- Values of columns that were written without having seen each other, and which is shown. A lost
-- value is noted once.
CREATE TABLE table_conflict (
    scope        text COLLATE "C" NOT NULL,
    collection   text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    field        text COLLATE "C" NOT NULL, -- the column; of a row that was deleted too: one that was written
    lost_replica bytea       NOT NULL,
    lost_seq     bigint      NOT NULL,
    lost_at      timestamptz NOT NULL,      -- by its author's clock, as corrected
    lost         jsonb,
    kept_replica bytea,                     -- null where a delete is what meets a write
    kept_seq     bigint,
    kept_at      timestamptz,
    kept         jsonb,
    what         text        NOT NULL,      -- values, deleted, revived
    row_before   jsonb,                     -- what was shown here before this was known; null: no row
    row_after    jsonb,                     -- and after; null: no row
    noted        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, collection, id, field, lost_replica, lost_seq)
);
CREATE INDEX table_conflict_noted ON table_conflict (noted);
