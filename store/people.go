package store

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/text/cases"

	"expresschat/auth"
	"expresschat/chat"
)

// nameKey is the form in which names are compared: without regard to case, and made
// here rather than by a collation of the database.
func nameKey(name string) string { return cases.Fold().String(name) }

// likeLiteral escapes what LIKE would take for a pattern.
var likeLiteral = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Person implements chat.Archive.
func (s *Store) Person(ctx context.Context, user auth.UserID) (chat.Person, error) {
	const person = `SELECT id, name, email, picture FROM users WHERE id = @id`
	var p chat.Person
	err := s.pool.QueryRow(ctx, person, pgx.NamedArgs{"id": user}).Scan(&p.ID, &p.Name, &p.Email, &p.Picture)
	if errors.Is(err, pgx.ErrNoRows) {
		return chat.Person{}, chat.ErrNoUser
	}
	return p, translate(err)
}

// sharesRoom is a CTE of those whose address user may see: who shares a room with them, as
// everyone does with themself.
const sharesRoom = `
	known AS (
		SELECT DISTINCT theirs.user_id
		FROM members mine
		JOIN members theirs ON theirs.room_id = mine.room_id
		WHERE mine.user_id = @user
	)`

// Search implements chat.Archive.
func (s *Store) Search(ctx context.Context, user auth.UserID, text string, limit int) ([]chat.Person, error) {
	return s.SearchPage(ctx, user, text, "", limit)
}

// SearchPage is Search of those behind after, who was the last on the page before: empty for
// the first page. Behind somebody whom text does not find there is nobody.
func (s *Store) SearchPage(ctx context.Context, user auth.UserID, text string, after auth.UserID, limit int) ([]chat.Person, error) {
	// Of the three that decide about the rank, each counts for more than all after it.
	const search = `
		WITH ` + sharesRoom + `,
		found AS (
			SELECT u.id, u.name, CASE WHEN k.user_id IS NULL THEN '' ELSE u.email END AS email, u.picture,
				u.created_at, u.updated_at, u.name_key,
				4 * (u.name_key <> @text)::int
					+ 2 * (u.name_key NOT LIKE @pattern || '%')::int
					+ (k.user_id IS NULL)::int AS rank
			FROM users u
			LEFT JOIN known k ON k.user_id = u.id
			WHERE u.name_key LIKE '%' || @pattern || '%' AND u.deleted_at IS NULL
		)
		SELECT id, name, email, picture, created_at, updated_at
		FROM found
		WHERE @first OR (rank, name_key, id) > (SELECT rank, name_key, id FROM found WHERE id = @after)
		ORDER BY rank, name_key, id
		LIMIT @limit`
	key := nameKey(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", ""))
	rows, err := s.pool.Query(ctx, search, pgx.NamedArgs{
		"user": user, "text": key, "pattern": likeLiteral.Replace(key),
		"first": after == "", "after": binary(after), "limit": limit,
	})
	if err != nil {
		return nil, translate(err)
	}
	people, err := pgx.CollectRows(rows, scanPerson)
	return people, translate(err)
}

// People implements chat.Views. Whoever has an account can sign in, through one door or
// another.
func (s *Store) People(ctx context.Context, user, after auth.UserID, limit int) ([]chat.Person, error) {
	const people = `
		WITH ` + sharesRoom + `
		SELECT u.id, u.name, CASE WHEN k.user_id IS NULL THEN '' ELSE u.email END, u.picture,
			u.created_at, u.updated_at
		FROM users u
		LEFT JOIN known k ON k.user_id = u.id
		WHERE (@first OR u.id > @after) AND u.deleted_at IS NULL
		ORDER BY u.id
		LIMIT @limit`
	rows, err := s.pool.Query(ctx, people, pgx.NamedArgs{
		"user": user, "first": after == "", "after": binary(after), "limit": limit,
	})
	if err != nil {
		return nil, translate(err)
	}
	list, err := pgx.CollectRows(rows, scanPerson)
	return list, translate(err)
}

// FindPerson implements chat.Views. An address may be any text, somebody else's id too: an
// id is its owner's first.
func (s *Store) FindPerson(ctx context.Context, user auth.UserID, key string) (chat.Person, error) {
	const find = `
		SELECT u.id, u.name,
			CASE WHEN EXISTS (
				SELECT
				FROM members mine
				JOIN members theirs ON theirs.room_id = mine.room_id
				WHERE mine.user_id = @user AND theirs.user_id = u.id
			) THEN u.email ELSE '' END,
			u.picture, u.created_at, u.updated_at
		FROM users u
		WHERE (u.id = @id OR u.email_key = @key) AND u.deleted_at IS NULL
		ORDER BY coalesce(u.id = @id, false) DESC
		LIMIT 1`
	if !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		return chat.Person{}, chat.ErrNoUser // Postgres takes no such text
	}
	var id pgtype.UUID
	if auth.CheckID(key) == nil {
		id = binary(auth.UserID(key))
	}
	rows, err := s.pool.Query(ctx, find, pgx.NamedArgs{"user": user, "id": id, "key": auth.EmailKey(key)})
	if err != nil {
		return chat.Person{}, translate(err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPerson)
	if errors.Is(err, pgx.ErrNoRows) {
		return chat.Person{}, chat.ErrNoUser
	}
	return p, translate(err)
}

func scanPerson(row pgx.CollectableRow) (p chat.Person, err error) {
	err = row.Scan(&p.ID, &p.Name, &p.Email, &p.Picture, &p.CreatedAt, &p.UpdatedAt)
	return p, err
}
