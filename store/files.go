package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"expresschat/auth"
	"expresschat/media"
)

// Files are the rows of what people send each other.
type Files struct{ pool *pgxpool.Pool }

// Files returns the rows of all files.
func (s *Store) Files() *Files { return &Files{pool: s.pool} }

// filePage bounds the files that one statement looks at, so that no lock lasts.
const filePage = 1000

const fileColumns = `name, owner_id, place, type, mime, title, size, width, height, duration, thumb, poster, created_at`

// list returns the files of a query's rows.
func (s *Files) list(ctx context.Context, query string, args pgx.NamedArgs) ([]media.File, error) {
	rows, err := s.pool.Query(ctx, query, args)
	if err != nil {
		return nil, translate(err)
	}
	files, err := pgx.CollectRows(rows, scanFile)
	return files, translate(err)
}

func scanFile(row pgx.CollectableRow) (f media.File, err error) {
	err = row.Scan(&f.Name, &f.Owner, &f.Place, &f.Type, &f.MIME, &f.Title, &f.Size, &f.Width, &f.Height,
		&f.Duration, &f.Thumb, &f.Poster, &f.CreatedAt)
	return f, err
}

// unused is of a file f that nothing refers to. One that stands for another stays as long as
// that one does.
const unused = `(
	NOT EXISTS (SELECT FROM messages WHERE attachment->>'picture' = f.name)
	AND NOT EXISTS (SELECT FROM messages WHERE attachment->>'file' = f.name)
	AND NOT EXISTS (SELECT FROM messages WHERE attachment->>'thumb' = f.name)
	AND NOT EXISTS (SELECT FROM users WHERE picture = f.name AND picture <> '')
	AND NOT EXISTS (SELECT FROM rooms WHERE picture = f.name AND picture <> '')
	AND NOT EXISTS (SELECT FROM files WHERE thumb = f.name AND thumb <> '')
	AND NOT EXISTS (SELECT FROM files WHERE poster = f.name AND poster <> ''))`

// Begin implements media.Files.
func (s *Files) Begin(ctx context.Context, f media.File, keep time.Duration) (used int64, err error) {
	const begin = `
		WITH begun AS (
			INSERT INTO files (name, owner_id, place, type, mime, title, width, height, duration, poster, created_at, kept_until)
			VALUES (@name, @owner, @place, @type, @mime, @title, @width, @height, @duration, @poster, now(), now() + @keep::interval)
		)
		SELECT coalesce(sum(size), 0)::bigint
		FROM files
		WHERE owner_id = @owner AND stored`
	args := pgx.NamedArgs{
		"name": f.Name, "owner": f.Owner, "place": f.Place, "type": f.Type, "mime": f.MIME, "title": f.Title,
		"width": f.Width, "height": f.Height, "duration": f.Duration, "poster": f.Poster, "keep": keep,
	}
	err = s.pool.QueryRow(ctx, begin, args).Scan(&used)
	return used, translate(err)
}

// Finish implements media.Files. Those who finish files of one owner take turns by a lock, and
// the statement behind it has a snapshot of its own: whoever had the lock before is in the sum.
// So of two that would fit one at a time the later is refused, see QuotaOfTwoAtOnce of TestPut in media.
func (s *Files) Finish(ctx context.Context, quota int64, files ...media.File) error {
	const lock = `SELECT pg_advisory_xact_lock(hashtextextended('files ' || current_schema() || ' ' || $1::text, 0))`
	const room = `
		SELECT coalesce(sum(size), 0)::bigint
		FROM files
		WHERE owner_id = $1 AND stored`
	const finish = `
		UPDATE files
		SET stored = true, size = @size, type = @type, width = @width, height = @height, thumb = @thumb,
			kept_until = greatest(kept_until, now() + (kept_until - created_at))
		WHERE name = @name AND NOT stored AND condemned_at IS NULL`
	if len(files) == 0 {
		return nil
	}
	return within(ctx, s.pool, func(tx pgx.Tx) error {
		owner, sum := files[0].Owner, int64(0)
		if _, err := tx.Exec(ctx, lock, owner); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, room, owner).Scan(&sum); err != nil {
			return err
		}
		for _, f := range files {
			tag, err := tx.Exec(ctx, finish, pgx.NamedArgs{
				"name": f.Name, "size": f.Size, "type": f.Type, "width": f.Width, "height": f.Height, "thumb": f.Thumb,
			})
			switch {
			case err != nil:
				return err
			case tag.RowsAffected() == 0:
				return media.ErrNoFile
			}
			sum += f.Size
		}
		if quota > 0 && sum > quota {
			return media.ErrQuota
		}
		return nil
	})
}

// Own implements media.Files.
func (s *Files) Own(ctx context.Context, owner auth.UserID, name string, keep time.Duration) (media.File, error) {
	const own = `
		UPDATE files
		SET kept_until = greatest(kept_until, now() + @keep::interval), condemned_at = NULL
		WHERE name = @name AND owner_id = @owner AND place = 'messages' AND stored
		RETURNING ` + fileColumns
	rows, err := s.pool.Query(ctx, own, pgx.NamedArgs{"name": name, "owner": owner, "keep": keep})
	if err != nil {
		return media.File{}, translate(err)
	}
	f, err := pgx.CollectExactlyOneRow(rows, scanFile)
	if errors.Is(err, pgx.ErrNoRows) {
		return media.File{}, media.ErrNoFile
	}
	return f, translate(err)
}

// Keep implements media.Files. Rows are locked in the order of their names, so no two wait for
// each other in a circle.
func (s *Files) Keep(ctx context.Context, names []string, keep time.Duration) ([]media.File, error) {
	const kept = `
		WITH found AS (
			SELECT name
			FROM files
			WHERE name = ANY(@names) AND place = 'messages' AND stored
			ORDER BY name
			FOR UPDATE
		)
		UPDATE files
		SET kept_until = greatest(kept_until, now() + @keep::interval), condemned_at = NULL
		WHERE name IN (SELECT name FROM found)
		RETURNING ` + fileColumns
	return s.list(ctx, kept, pgx.NamedArgs{"names": names, "keep": keep})
}

// Release implements media.Files. Rows are locked in the order of their names.
func (s *Files) Release(ctx context.Context, owner auth.UserID, names []string) ([]media.File, error) {
	const release = `
		WITH found AS (
			SELECT name
			FROM files f
			WHERE owner_id = @owner AND name = ANY(@names) AND ` + unused + `
			ORDER BY name
			FOR UPDATE
		)
		UPDATE files
		SET stored = false, condemned_at = now()
		WHERE name IN (SELECT name FROM found)
		RETURNING ` + fileColumns
	return s.list(ctx, release, pgx.NamedArgs{"owner": owner, "names": names})
}

// Condemn implements media.Files. It looks at all files, a page at a time, and passes those by
// that somebody just has: they are being kept.
func (s *Files) Condemn(ctx context.Context) error {
	const lift = `
		UPDATE files
		SET condemned_at = NULL
		WHERE name IN (
			SELECT name
			FROM files f
			WHERE condemned_at IS NOT NULL AND stored AND NOT ` + unused + `
			FOR UPDATE OF f SKIP LOCKED
		)`
	const page = `
		SELECT coalesce(max(name), '')
		FROM (SELECT name FROM files WHERE name > $1 ORDER BY name LIMIT $2) p`
	const condemn = `
		UPDATE files
		SET condemned_at = now()
		WHERE name IN (
			SELECT name
			FROM files f
			WHERE name > @after AND name <= @last AND condemned_at IS NULL AND kept_until < now() AND ` + unused + `
			FOR UPDATE OF f SKIP LOCKED
		)`
	if _, err := s.pool.Exec(ctx, lift); err != nil {
		return translate(err)
	}
	for after := ""; ; {
		var last string
		if err := s.pool.QueryRow(ctx, page, after, filePage).Scan(&last); err != nil || last == "" {
			return translate(err)
		}
		if _, err := s.pool.Exec(ctx, condemn, pgx.NamedArgs{"after": after, "last": last}); err != nil {
			return translate(err)
		}
		after = last
	}
}

// Claim implements media.Files.
func (s *Files) Claim(ctx context.Context, grace time.Duration, after string, n int) ([]media.File, error) {
	const claim = `
		WITH claimed AS (
			UPDATE files
			SET stored = false
			WHERE name IN (
				SELECT name
				FROM files f
				WHERE name > @after AND condemned_at < now() - @grace::interval AND (NOT stored OR ` + unused + `)
				ORDER BY name
				LIMIT @n
				FOR UPDATE OF f SKIP LOCKED
			)
			RETURNING ` + fileColumns + `
		)
		SELECT ` + fileColumns + `
		FROM claimed
		ORDER BY name`
	return s.list(ctx, claim, pgx.NamedArgs{"after": after, "grace": grace, "n": n})
}

// Doom implements media.Files.
func (s *Files) Doom(ctx context.Context, names []string) error {
	const doom = `
		UPDATE files
		SET stored = false, condemned_at = now()
		WHERE name = ANY($1)`
	_, err := s.pool.Exec(ctx, doom, names)
	return translate(err)
}

// Forget implements media.Files.
func (s *Files) Forget(ctx context.Context, name string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM files WHERE name = $1 AND NOT stored AND condemned_at IS NOT NULL`, name)
	return translate(err)
}
