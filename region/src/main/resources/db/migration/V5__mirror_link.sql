-- What a person told the links to other regions, and what the process that follows one says of it:
-- every process of the region can be asked.
CREATE TABLE mirror_link (
    peer     text COLLATE "C" PRIMARY KEY, -- host:port, as the settings name it
    paused   timestamptz,                  -- since when; null where it is not
    reported timestamptz,                  -- when it was said how the link stands
    report   text                          -- as JSON
) WITH (fillfactor = 50);

-- When a batch was applied here: how long another region has been lacking it. Null before this.
ALTER TABLE batch ADD COLUMN applied timestamptz;
ALTER TABLE batch ALTER COLUMN applied SET DEFAULT now();
