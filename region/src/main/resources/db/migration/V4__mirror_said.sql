-- In which order other regions said what they have: the processes that serve sessions look here for
-- what is new, since only one of them hears it.
CREATE SEQUENCE mirror_said;
ALTER TABLE mirror_has ADD COLUMN said bigint NOT NULL DEFAULT nextval('mirror_said');
CREATE INDEX mirror_has_said ON mirror_has (said);
