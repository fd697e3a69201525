package world

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// makeID is id in SQL. It goes with the connection.
const makeID = `
	CREATE OR REPLACE FUNCTION pg_temp.id(kind integer, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
		SELECT ('01900000-0000-7000-8' || lpad(to_hex(kind), 3, '0') || '-' || lpad(to_hex(n), 12, '0'))::uuid
	$$`

// people all have a session that lasts, and their self chat.
const people = `
	WITH person AS (
		SELECT n, pg_temp.id(@user, n) AS id, 'User ' || lpad(n::text, 6, '0') AS name
		FROM generate_series(0, @last::bigint) n
	),
	account AS (
		INSERT INTO users (id, name, name_key, email, email_key, password_hash, verified_at)
		SELECT id, name, lower(name), 'user' || n || '@example.org', 'user' || n || '@example.org', 'none', now()
		FROM person
	),
	session AS (
		INSERT INTO sessions (id, kind, user_id, expires_at)
		SELECT pg_temp.id(@session, n), 'pair', id, now() + interval '1 day'
		FROM person
	),
	self AS (
		INSERT INTO rooms (id, kind, creator_id, last_at, created_at)
		SELECT id, 'self', id, now(), now()
		FROM person
	)
	INSERT INTO members (room_id, user_id, role)
	SELECT id, id, 'member'
	FROM person`

// lasting are the sessions of VChat's apps, beside those that people have.
const lasting = `
	INSERT INTO sessions (id, kind, user_id, expires_at)
	SELECT pg_temp.id(@session, n), 'long', pg_temp.id(@user, n), now() + interval '365 days'
	FROM generate_series(@first::bigint, @last::bigint) n`

// personal chats of count pairs: low and high are the users of the first, each of the
// next has the users low_step and high_step further on.
const personal = `
	WITH pair AS (
		SELECT pg_temp.id(@room, @first::bigint + n) AS id,
			pg_temp.id(@user, @low::bigint + n * @low_step::bigint) AS low,
			pg_temp.id(@user, @high::bigint + n * @high_step::bigint) AS high
		FROM generate_series(0, @count::bigint - 1) n
	),
	room AS (
		INSERT INTO rooms (id, kind, low, high, creator_id, last_at, created_at)
		SELECT id, 'personal', low, high, low, now() - interval '1 day', now() - interval '1 day'
		FROM pair
	)
	INSERT INTO members (room_id, user_id, role, joined_nth)
	SELECT id, low, 'member', 0
	FROM pair
	UNION ALL
	SELECT id, high, 'member', 1
	FROM pair`

// group chats of which owner owns each, and each has the members from first_member on;
// those of the next group begin step further on.
const group = `
	WITH grp AS (
		SELECT n, pg_temp.id(@room, @first::bigint + n) AS id
		FROM generate_series(0, @count::bigint - 1) n
	),
	room AS (
		INSERT INTO rooms (id, kind, name, creator_id, last_at, created_at)
		SELECT id, 'group', 'Group ' || n, pg_temp.id(@user, @owner), now() - interval '1 day', now() - interval '1 day'
		FROM grp
	)
	INSERT INTO members (room_id, user_id, role, joined_nth)
	SELECT id, pg_temp.id(@user, @owner), 'owner', 0
	FROM grp
	UNION ALL
	SELECT grp.id, pg_temp.id(@user, @first_member::bigint + n * @step::bigint + m), 'member', m + 1
	FROM grp, generate_series(0, @members::bigint - 1) m`

// Seed writes what all servers are measured with into a database that has the schema and
// nothing else.
func Seed(ctx context.Context, conn *pgx.Conn, s Size) error {
	personals := s.HubChats * 4 / 5
	steps := []struct {
		query string
		args  pgx.NamedArgs
	}{
		{makeID, pgx.NamedArgs{}},
		{people, pgx.NamedArgs{"last": Crowd + max(s.Crowd, s.HubChats, s.fillers()+1)}},
		{lasting, pgx.NamedArgs{"session": longKind, "first": Speaker, "last": Speaker + Listeners}},
		{personal, pairs(0, Pairs, 0, 2, 1, 2)},
		{group, groups(hall, 1, Speaker, Speaker+1, Listeners)},
		{personal, pairs(shortRoom, 2, Reader, 0, Reader+1, 1)},
		{personal, pairs(hubRooms, personals, Hub, 0, Crowd, 1)},
		{group, groups(hubRooms+personals, s.HubChats-personals, Hub, Crowd, 1)},
		// Not the messages: of a table that was analysed when it was empty Postgres believes
		// that it stays so, and of one that never was it does not.
		{`VACUUM ANALYZE users, sessions, rooms, members`, pgx.NamedArgs{}},
	}
	for _, step := range steps {
		step.args["user"], step.args["room"] = userKind, roomKind
		if _, named := step.args["session"]; !named {
			step.args["session"] = sessionKind
		}
		if err := execute(ctx, conn, step.query, step.args); err != nil {
			return err
		}
	}
	return nil
}

func pairs(first, count, low, lowStep, high, highStep int) pgx.NamedArgs {
	return pgx.NamedArgs{
		"first": first, "count": count, "low": low, "low_step": lowStep, "high": high, "high_step": highStep,
	}
}

func groups(first, count, owner, firstMember, members int) pgx.NamedArgs {
	return pgx.NamedArgs{
		"first": first, "count": count, "owner": owner, "first_member": firstMember, "members": members, "step": 1,
	}
}

// execute takes arguments that a query does not have, too.
func execute(ctx context.Context, conn *pgx.Conn, query string, args pgx.NamedArgs) error {
	params := []any{}
	if len(args) > 0 {
		params = append(params, args)
	}
	if _, err := conn.Exec(ctx, query, params...); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}
