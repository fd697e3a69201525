-- +goose Up

-- People who can sign in. email_key and name_key are the forms in which addresses and
-- names are compared; the server makes them, so that no collation has a say in it.
CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    name          text        NOT NULL,
    name_key      text        NOT NULL,
    email         text        NOT NULL,
    email_key     text        NOT NULL CONSTRAINT users_email UNIQUE,
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- An attempt to sign up: one per address, the newest. id becomes the user's.
CREATE TABLE sign_ups (
    email_key     text        PRIMARY KEY,
    id            uuid        NOT NULL,
    email         text        NOT NULL,
    name          text        NOT NULL,
    password_hash text        NOT NULL,
    source        text        NOT NULL CHECK (source IN ('web', 'app')),
    code_hash     bytea       NOT NULL,
    tries         smallint    NOT NULL DEFAULT 0,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- One sign-in on one device. Both of its tokens name it.
CREATE TABLE sessions (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Mail on its way, written in the transaction that it belongs to and gone once a server
-- has accepted it. A worker that takes one moves due_at ahead, so that no other sends it too.
CREATE TABLE outbox (
    id           uuid        PRIMARY KEY,
    recipient    text        NOT NULL,
    subject      text        NOT NULL,
    body_text    text        NOT NULL,
    body_html    text        NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_due ON outbox (due_at);

-- seq is the place of the newest entry, said the number of entries that people wrote.
-- low and high are the two of a personal chat, the smaller id first, so that a pair has
-- one room by constraint.
CREATE TABLE rooms (
    id          uuid        PRIMARY KEY,
    kind        text        NOT NULL CHECK (kind IN ('self', 'personal', 'group')),
    name        text        NOT NULL DEFAULT '',
    description text        NOT NULL DEFAULT '',
    low         uuid        REFERENCES users,
    high        uuid        REFERENCES users,
    seq         bigint      NOT NULL DEFAULT 0,
    said        bigint      NOT NULL DEFAULT 0,
    last_at     timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    deleted_at  timestamptz,
    CONSTRAINT rooms_pair UNIQUE (low, high),
    CHECK ((kind = 'personal') = (low IS NOT NULL AND high IS NOT NULL)),
    CHECK (low < high)
) WITH (fillfactor = 80);
CREATE INDEX rooms_deleted ON rooms (deleted_at) WHERE deleted_at IS NOT NULL;

-- Who is in a room, and how far they have read:
-- unread = (rooms.said - said_at_cursor) - (sent - sent_at_cursor).
-- joined_seq and joined_nth are the order in which they joined: the seq of the entry that let them in, and
-- their number within it.
CREATE TABLE members (
    room_id        uuid     NOT NULL REFERENCES rooms,
    user_id        uuid     NOT NULL REFERENCES users,
    role           text     NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    joined_seq     bigint   NOT NULL DEFAULT 0,
    joined_nth     smallint NOT NULL DEFAULT 0,
    sent           bigint   NOT NULL DEFAULT 0,
    cursor_seq     bigint   NOT NULL DEFAULT 0,
    said_at_cursor bigint   NOT NULL DEFAULT 0,
    sent_at_cursor bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 80);
CREATE INDEX members_user ON members (user_id);
CREATE UNIQUE INDEX members_owner ON members (room_id) WHERE role = 'owner';

-- (room_id, seq) is a message's place, id its name. The types other than text are the
-- server's own words: they take a place but never count as unread. There are no foreign
-- keys here, because the one statement that inserts has both rows in hand already, and
-- the checks would cost more than the rest of it.
CREATE TABLE messages (
    room_id   uuid        NOT NULL,
    seq       bigint      NOT NULL,
    id        uuid        NOT NULL CONSTRAINT messages_id UNIQUE,
    sender_id uuid        NOT NULL,
    type      text        NOT NULL,
    content   text        NOT NULL,
    client_id text,
    sent_at   timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq)
);
CREATE UNIQUE INDEX messages_client ON messages (room_id, sender_id, client_id) WHERE client_id IS NOT NULL;

-- +goose Down

DROP TABLE messages;
DROP TABLE members;
DROP TABLE rooms;
DROP TABLE outbox;
DROP TABLE sessions;
DROP TABLE sign_ups;
DROP TABLE users;
