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

-- A user who deleted their account stays as the sender of what they said: without a name,
-- an address, a picture or a password.
ALTER TABLE users ADD COLUMN deleted_at timestamptz;

-- Those of them who have not left all their rooms yet.
CREATE TABLE departures (
    user_id uuid PRIMARY KEY REFERENCES users
);

-- +goose Down

DROP TABLE departures;
ALTER TABLE users DROP COLUMN deleted_at;
DROP TABLE resets;
