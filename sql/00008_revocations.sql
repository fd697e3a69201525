-- +goose Up

-- Whoever ends a session or changes a user, every server that listens is told once it is
-- committed: which session of whom, or which user. Channels are the database's, so the
-- schema says whose it is. Sessions that are removed after their time ended by themselves.
-- +goose StatementBegin
CREATE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sessions_ended', json_build_object(
        'schema', TG_TABLE_SCHEMA, 'user', OLD.user_id, 'session', OLD.id)::text);
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION tell_user_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sessions_ended', json_build_object('schema', TG_TABLE_SCHEMA, 'user', OLD.id)::text);
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER sessions_revoked AFTER UPDATE OF revoked_at ON sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION tell_session_ended();
CREATE TRIGGER sessions_removed AFTER DELETE ON sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now())
    EXECUTE FUNCTION tell_session_ended();
CREATE TRIGGER users_changed AFTER UPDATE OF name, email, picture ON users FOR EACH ROW
    WHEN ((OLD.name, OLD.email, OLD.picture) IS DISTINCT FROM (NEW.name, NEW.email, NEW.picture))
    EXECUTE FUNCTION tell_user_changed();

-- +goose Down

DROP TRIGGER users_changed ON users;
DROP TRIGGER sessions_removed ON sessions;
DROP TRIGGER sessions_revoked ON sessions;
DROP FUNCTION tell_user_changed();
DROP FUNCTION tell_session_ended();
