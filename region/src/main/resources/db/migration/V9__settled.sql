-- What operators have dealt with stays in quarantine, and leaves the list of what is open.
ALTER TABLE quarantine
    ADD COLUMN settled     timestamptz,
    ADD COLUMN settled_by  text,
    ADD COLUMN settled_why text;
CREATE INDEX quarantine_open ON quarantine (number) WHERE settled IS NULL;
CREATE INDEX quarantine_settled ON quarantine (settled) WHERE settled IS NOT NULL;
