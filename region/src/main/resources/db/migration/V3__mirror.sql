-- What this region knows of others.

-- How far it has followed the feed of each.
CREATE TABLE mirror_cursor (
    scope   text COLLATE "C" NOT NULL,
    region  bytea  NOT NULL,
    number  bigint NOT NULL, -- in the other region's feed
    running bytea  NOT NULL, -- that feed's running hash there
    PRIMARY KEY (scope, region)
) WITH (fillfactor = 70);

-- What each said last that it has applied of an author, as spans: nearly always one.
CREATE TABLE mirror_has (
    scope   text COLLATE "C" NOT NULL,
    replica bytea  NOT NULL,
    region  bytea  NOT NULL,
    first   bigint NOT NULL,
    last    bigint NOT NULL,
    hash    bytea  NOT NULL, -- of the batch that ends at "last": the chain makes it speak for all
    PRIMARY KEY (scope, replica, region, first)
) WITH (fillfactor = 70);
