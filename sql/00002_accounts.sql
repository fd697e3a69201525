-- +goose Up

-- Nobody has shown that the address of an account without verified_at is theirs; it may be
-- no address at all. Such an account yields to the one that somebody verifies the same
-- address for: its email and email_key become the text of its id.
-- picture is the file name of one, empty where there is none.
ALTER TABLE users
    ADD COLUMN picture     text        NOT NULL DEFAULT '',
    ADD COLUMN updated_at  timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN verified_at timestamptz;
UPDATE users SET verified_at = created_at, updated_at = created_at;

-- A session has a pair of tokens, or one that lasts long. Neither kind does for the other.
ALTER TABLE sessions
    ADD COLUMN kind text NOT NULL DEFAULT 'pair' CHECK (kind IN ('pair', 'long'));
ALTER TABLE sessions ALTER COLUMN kind DROP DEFAULT;

-- +goose Down

DELETE FROM sessions WHERE kind <> 'pair';
ALTER TABLE sessions DROP COLUMN kind;
-- An account that nobody verified must not come out of this with an address.
UPDATE users SET email = id::text, email_key = id::text WHERE verified_at IS NULL;
ALTER TABLE users DROP COLUMN verified_at, DROP COLUMN updated_at, DROP COLUMN picture;
