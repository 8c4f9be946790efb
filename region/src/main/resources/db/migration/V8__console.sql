-- For those who run a region: documents in conflict are found without looking at the others. Of what an
-- update changes only "conflicts" is in it, so that rows are still changed in place.
CREATE INDEX document_in_conflict ON document (scope, collection, id) WHERE conflicts IS NOT NULL;
