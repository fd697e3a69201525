-- +goose Up

-- A session of a pair of tokens is over at ends_at, however often it is renewed. It is null
-- of long ones, and of those that have not been renewed since there is this column. used_at
-- is when a session was renewed last.
ALTER TABLE sessions
    ADD COLUMN ends_at timestamptz,
    ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
UPDATE sessions SET used_at = created_at;

-- The refresh tokens of a session that still mean something: the newest, and the one in
-- whose place it came, which has used_at. Any other that we signed is an old one. hash is of
-- the name that the token has in itself.
CREATE TABLE refresh_tokens (
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    generation integer     NOT NULL,
    hash       bytea       NOT NULL,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (session_id, generation)
);
CREATE UNIQUE INDEX refresh_tokens_live ON refresh_tokens (session_id) WHERE used_at IS NULL;

-- +goose Down

DROP TABLE refresh_tokens;
ALTER TABLE sessions DROP COLUMN used_at, DROP COLUMN ends_at;
