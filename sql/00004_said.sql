-- +goose Up

-- said_seq is the place of the newest entry that people wrote, 0 for none: what a list
-- shows of a room is looked up by it, however much the server has said since.
ALTER TABLE rooms ADD COLUMN said_seq bigint NOT NULL DEFAULT 0;

UPDATE rooms r
SET said_seq = coalesce((
    SELECT msg.seq
    FROM messages msg
    WHERE msg.room_id = r.id
        AND msg.type IN ('text', 'voice', 'image', 'video', 'file', 'reply', 'allDeleted', 'location', 'forward')
    ORDER BY msg.seq DESC
    LIMIT 1
), 0)
WHERE r.said > 0;

-- +goose Down

ALTER TABLE rooms DROP COLUMN said_seq;
