-- What a region holds of its scopes. Replicas and hashes are raw bytes; texts compare by their bytes
-- (COLLATE "C"), so that every node and every locale agrees on an order.

-- One row per scope, locked by whoever applies to it: feed numbers are committed in their order.
CREATE TABLE scope (
    name   text COLLATE "C" PRIMARY KEY,
    number bigint NOT NULL, -- of the newest batch in the feed
    hash   bytea  NOT NULL  -- the running hash there
) WITH (fillfactor = 50);

-- The feed, and every batch's place in its author's chain.
CREATE TABLE batch (
    scope     text COLLATE "C" NOT NULL,
    number    bigint NOT NULL, -- its place in the feed
    running   bytea  NOT NULL, -- the feed's running hash there
    replica   bytea  NOT NULL,
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    hash      bytea  NOT NULL,
    previous  bytea  NOT NULL,
    bytes     bytea,           -- encoded, with its signature; null once retention dropped them
    PRIMARY KEY (scope, number),
    UNIQUE (scope, replica, last)
);
CREATE UNIQUE INDEX batch_first ON batch (scope, replica, first);

-- One row per operation. The key is what no worker that woke up late gets past.
CREATE TABLE operation (
    scope      text COLLATE "C" NOT NULL,
    replica    bytea  NOT NULL,
    seq        bigint NOT NULL,
    number     bigint NOT NULL, -- of its batch in the feed
    hlc        bigint NOT NULL, -- milliseconds since 1970 << 16 | counter
    collection text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    trace      bytea  NOT NULL, -- W3C trace id, 16 bytes
    PRIMARY KEY (scope, replica, seq)
);

-- The documents: the state that is merged, and what a person sees of it.
CREATE TABLE document (
    scope      text COLLATE "C" NOT NULL,
    collection text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    state      bytea  NOT NULL,
    fields     jsonb,           -- null where a delete holds
    conflicts  jsonb,           -- per path, the concurrent values that are not shown; null for none
    updated    bigint NOT NULL, -- the feed number that changed it last
    PRIMARY KEY (scope, collection, id)
) WITH (fillfactor = 80);

-- Which operations were seen, per replica as intervals (CBOR: steps from end to end).
CREATE TABLE context (
    scope     text COLLATE "C" NOT NULL,
    replica   bytea NOT NULL,
    intervals bytea NOT NULL,
    PRIMARY KEY (scope, replica)
) WITH (fillfactor = 70);

-- Operations that were replaced, or had their clock corrected, before they arrived.
CREATE TABLE early_mark (
    scope      text COLLATE "C" NOT NULL,
    replica    bytea  NOT NULL,
    seq        bigint NOT NULL,
    collection text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    path       text COLLATE "C" NOT NULL,
    kind       bigint NOT NULL,
    element    bytea  NOT NULL,
    hlc        bigint NOT NULL,
    PRIMARY KEY (scope, replica, seq, collection, id, path, kind, element)
);

-- The grant under which each replica wrote, as last seen.
CREATE TABLE author_grant (
    replica bytea PRIMARY KEY,
    bytes   bytea NOT NULL
);

-- What could not be applied. Without a replica it is a whole message of the log that is no message.
CREATE TABLE quarantine (
    number  bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    hash    bytea PRIMARY KEY, -- of bytes: once is enough
    scope   text COLLATE "C",
    replica bytea,
    first   bigint,
    last    bigint,
    bytes   bytea       NOT NULL, -- the encoded batch with its signature, or the message
    code    bigint      NOT NULL, -- as in a rejection
    reason  text        NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX quarantine_author ON quarantine (scope, replica);

-- Where this region's own authors stand: it writes for callers of its API and corrects clocks.
CREATE TABLE author (
    scope       text COLLATE "C" NOT NULL,
    replica     bytea  NOT NULL,
    next_seq    bigint NOT NULL,
    sealed_seq  bigint NOT NULL,
    sealed_hash bytea  NOT NULL,
    hlc         bigint NOT NULL,
    PRIMARY KEY (scope, replica)
) WITH (fillfactor = 50);

-- What an idempotency key once wrote: a repetition is answered from here, for ever.
CREATE TABLE idempotency (
    subject text COLLATE "C" NOT NULL,
    scope   text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL,
    request bytea  NOT NULL, -- the hash of what was asked: the same key for something else is refused
    replica bytea,           -- with seq the dot; null where nothing had to be changed
    seq     bigint,
    at      timestamptz NOT NULL,
    PRIMARY KEY (subject, scope, key)
);
