-- +goose Up

-- creator_id is who made the room; of groups that are older than this column, who owns
-- them. picture is the name of a file, empty for none. blocker_id is who has blocked a
-- personal chat, null for nobody.
ALTER TABLE rooms
    ADD COLUMN creator_id uuid REFERENCES users,
    ADD COLUMN picture    text NOT NULL DEFAULT '',
    ADD COLUMN blocker_id uuid REFERENCES users;

UPDATE rooms SET creator_id = id WHERE kind = 'self';
UPDATE rooms r
SET creator_id = m.user_id
FROM members m
WHERE m.room_id = r.id
    AND ((r.kind = 'group' AND m.role = 'owner')
        OR (r.kind = 'personal' AND m.joined_seq = 0 AND m.joined_nth = 0));

-- A group that is deleted has no members, of whom an old one could know its creator. A
-- self chat's creator stands in its id.
ALTER TABLE rooms
    ADD CHECK (creator_id IS NOT NULL OR kind = 'self' OR deleted_at IS NOT NULL),
    ADD CHECK (blocker_id IS NULL OR (kind = 'personal' AND blocker_id IN (low, high)));

-- muted says that the member wants no notice of what is said.
ALTER TABLE members ADD COLUMN muted boolean NOT NULL DEFAULT false;

-- What a message has beside its content.
ALTER TABLE messages ADD COLUMN attachment jsonb;

-- What somebody turned on or off, by the stamp of their wish: so a repeated attempt of it
-- can tell that it was carried out, and with which result. Rows go when they are old.
CREATE TABLE toggles (
    id         uuid        PRIMARY KEY,
    is_on      boolean     NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down

DROP TABLE toggles;
ALTER TABLE messages DROP COLUMN attachment;
ALTER TABLE members DROP COLUMN muted;
ALTER TABLE rooms DROP COLUMN creator_id, DROP COLUMN picture, DROP COLUMN blocker_id;
