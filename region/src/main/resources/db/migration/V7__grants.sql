-- A replica may have several grants: each is kept until another covers it, so that what was written
-- under it stays readable. The last one given has place 0.
ALTER TABLE author_grant ADD COLUMN place integer NOT NULL DEFAULT 0;
ALTER TABLE author_grant DROP CONSTRAINT author_grant_pkey;
ALTER TABLE author_grant ADD PRIMARY KEY (replica, place);
