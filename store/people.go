package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
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

// Search implements chat.Archive. The address of somebody is shown to those who share a
// room with them, which everyone does with themself.
func (s *Store) Search(ctx context.Context, user auth.UserID, text string, limit int) ([]chat.Person, error) {
	const search = `
		WITH known AS (
			SELECT DISTINCT theirs.user_id
			FROM members mine
			JOIN members theirs ON theirs.room_id = mine.room_id
			WHERE mine.user_id = @user
		)
		SELECT u.id, u.name, CASE WHEN k.user_id IS NULL THEN '' ELSE u.email END
		FROM users u
		LEFT JOIN known k ON k.user_id = u.id
		WHERE u.name_key LIKE '%' || @pattern || '%'
		ORDER BY (u.name_key = @text) DESC,
			(u.name_key LIKE @pattern || '%') DESC,
			(k.user_id IS NOT NULL) DESC,
			u.name_key,
			u.id
		LIMIT @limit`
	key := nameKey(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", ""))
	rows, err := s.pool.Query(ctx, search, pgx.NamedArgs{
		"user": user, "text": key, "pattern": likeLiteral.Replace(key), "limit": limit,
	})
	if err != nil {
		return nil, translate(err)
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p chat.Person, err error) {
		err = row.Scan(&p.ID, &p.Name, &p.Email)
		return p, err
	})
	return people, translate(err)
}
