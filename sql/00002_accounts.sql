-- +goose Up

ALTER TABLE users ADD COLUMN picture text NOT NULL DEFAULT '', ADD COLUMN verified_at timestamptz, ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
UPDATE users SET verified_at = created_at;

-- +goose Down

ALTER TABLE users DROP COLUMN picture, DROP COLUMN verified_at, DROP COLUMN updated_at;
