-- +goose Up

-- What is in the bucket, or may be: a row is written before the bytes and goes after them, so
-- nothing is there that no row names. stored is false while a file arrives and while it is
-- removed; nobody can send it then. thumb and poster name images that stand for a file, empty
-- for none. Nothing here counts who refers to a file: a message's attachment, users.picture
-- and rooms.picture do, and what they say is looked up. owner_id may be somebody who is only
-- about to have an account: a picture comes before it. kept_until is how long a file stays
-- though nobody does; condemned_at is when it was found to be past that.
CREATE TABLE files (
    name         text        PRIMARY KEY,
    owner_id     uuid        NOT NULL,
    place        text        NOT NULL CHECK (place IN ('messages', 'profile')),
    type         text        NOT NULL CHECK (type IN ('image', 'voice', 'video', 'file')),
    mime         text        NOT NULL,
    title        text        NOT NULL,
    size         bigint      NOT NULL DEFAULT 0,
    width        integer     NOT NULL DEFAULT 0,
    height       integer     NOT NULL DEFAULT 0,
    duration     text        NOT NULL DEFAULT '',
    thumb        text        NOT NULL DEFAULT '',
    poster       text        NOT NULL DEFAULT '',
    stored       boolean     NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    kept_until   timestamptz NOT NULL,
    condemned_at timestamptz
);
CREATE INDEX files_owner ON files (owner_id) INCLUDE (size) WHERE stored;
CREATE INDEX files_thumb ON files (thumb) WHERE thumb <> '';
CREATE INDEX files_poster ON files (poster) WHERE poster <> '';
CREATE INDEX files_condemned ON files (condemned_at) WHERE condemned_at IS NOT NULL;

-- Who refers to a file. A message without one is in none of these. They are hashes, because what
-- clients write there may be longer than a B-tree takes.
CREATE INDEX messages_picture ON messages USING hash ((attachment->>'picture')) WHERE attachment->>'picture' IS NOT NULL;
CREATE INDEX messages_file ON messages USING hash ((attachment->>'file')) WHERE attachment->>'file' IS NOT NULL;
CREATE INDEX messages_thumb ON messages USING hash ((attachment->>'thumb')) WHERE attachment->>'thumb' IS NOT NULL;
CREATE INDEX users_picture ON users (picture) WHERE picture <> '';
CREATE INDEX rooms_picture ON rooms (picture) WHERE picture <> '';

-- +goose Down

DROP INDEX rooms_picture, users_picture, messages_thumb, messages_file, messages_picture;
DROP TABLE files;
