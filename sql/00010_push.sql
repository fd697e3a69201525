-- +goose Up

-- Where somebody wants to be told of messages while they are away, until the session is over
-- by which they said so. token is what FCM calls an app's place, or the address at a
-- browser's push service; p256dh and auth are the browser's keys (RFC 8291). due_at is when what
-- waits for it is to be sent, null while nothing does, and failures how often that went wrong in
-- a row: a push service says so of the device, and not of a message.
CREATE TABLE push_devices (
    id         uuid        PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    user_id    uuid        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('fcm', 'web')),
    token      text        NOT NULL,
    p256dh     bytea,
    auth       bytea,
    platform   text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz NOT NULL DEFAULT now(),
    due_at     timestamptz,
    failures   integer     NOT NULL DEFAULT 0,
    CONSTRAINT push_devices_token UNIQUE (kind, token),
    CHECK ((kind = 'web') = (p256dh IS NOT NULL AND auth IS NOT NULL))
);
CREATE INDEX push_devices_user ON push_devices (user_id);
CREATE INDEX push_devices_session ON push_devices (session_id);
CREATE INDEX push_devices_due ON push_devices (kind, due_at) WHERE due_at IS NOT NULL;

-- Which message a device is still to be told of: not its text, which is read when it is sent,
-- so that nobody is told of what they have read or may not see any more. Of a device one row
-- at a time is on its way, that with the lowest place. Whoever adds or removes rows holds the
-- device's, so that its due_at and they always agree.
CREATE TABLE push_outbox (
    device_id  uuid        NOT NULL REFERENCES push_devices ON DELETE CASCADE,
    room_id    uuid        NOT NULL,
    seq        bigint      NOT NULL,
    place      bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device_id, room_id, seq)
);
CREATE INDEX push_outbox_place ON push_outbox (device_id, place);

-- Up to where it was looked at who is to be told of what is said in a room. A server that
-- starts goes on from there. Rows are removed when they are old; without one, nobody was to
-- be told of anything lately. Without a foreign key it needs no lock of the room.
CREATE TABLE push_rooms (
    room_id uuid        PRIMARY KEY,
    seq     bigint      NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

-- +goose Down

DROP TABLE push_rooms;
DROP TABLE push_outbox;
DROP TABLE push_devices;
