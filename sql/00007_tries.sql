-- +goose Up

-- How often something was tried that can be guessed or flooded, by a keyed hash of what it was
-- and who tried: what is counted can't be read from it. A try moves tat, its theoretical
-- arrival time, ahead by the interval of its quota, and is refused where that would take it
-- further ahead than the burst (the generic cell rate algorithm, GCRA). slow_tat is that of the
-- quota over a longer time. A row of which both are past says no more than none.
CREATE TABLE tries (
    key      bytea       PRIMARY KEY,
    tat      timestamptz NOT NULL,
    slow_tat timestamptz NOT NULL
);
CREATE INDEX tries_past ON tries (greatest(tat, slow_tat));

-- +goose Down

DROP TABLE tries;
