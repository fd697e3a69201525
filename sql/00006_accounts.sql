-- +goose Up

-- A forgotten password: what is kept of the code that was sent to the owner of a verified
-- account. One per user, the newest.
CREATE TABLE resets (
    user_id    uuid        PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    source     text        NOT NULL CHECK (source IN ('web', 'app')),
    code_hash  bytea       NOT NULL,
    tries      smallint    NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);

-- +goose Down

DROP TABLE resets;
