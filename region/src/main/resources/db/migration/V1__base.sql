-- What this region knows of itself: its name, its identity. One row per fact.
CREATE TABLE node (
    name  text PRIMARY KEY,
    value text NOT NULL
);
