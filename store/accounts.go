package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
)

// userColumns are what userFields takes, of users u.
const userColumns = `u.id, u.name, u.email, u.picture, u.created_at, u.updated_at`

func userFields(u *auth.User) []any {
	return []any{&u.ID, &u.Name, &u.Email, &u.Picture, &u.CreatedAt, &u.UpdatedAt}
}

const insertAccount = `
	INSERT INTO users AS u (id, name, name_key, email, email_key, picture, password_hash, verified_at)
	VALUES (@id, @name, @name_key, @email, @email_key, @picture, @password_hash, CASE WHEN @verified::boolean THEN now() END)`

func accountArgs(a auth.Account) pgx.NamedArgs {
	return pgx.NamedArgs{
		"id": a.ID, "name": a.Name, "name_key": nameKey(a.Name),
		"email": a.Email, "email_key": auth.EmailKey(a.Email),
		"picture": a.Picture, "password_hash": a.PasswordHash, "verified": a.Verified,
	}
}

// queueBeginning adds what every account begins with: its self room and first session.
func queueBeginning(b *pgx.Batch, account pgx.NamedArgs, session auth.Session) {
	args := pgx.NamedArgs{"id": account["id"], "self": bus.Self, "plain": bus.Plain}
	b.Queue(`
		INSERT INTO rooms (id, kind, creator_id, last_at, created_at)
		VALUES (@id, @self, @id, now(), now())`, args)
	b.Queue(`
		INSERT INTO members (room_id, user_id, role)
		VALUES (@id, @id, @plain)`, args)
	b.Queue(insertSession, sessionArgs(session))
}

// Register implements auth.Store.
func (s *Store) Register(ctx context.Context, a auth.Account, session auth.Session) (auth.User, error) {
	u := a.User
	args := accountArgs(a)
	args["verified"] = false
	err := within(ctx, s.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(insertAccount+` RETURNING `+userColumns, args).QueryRow(func(row pgx.Row) error {
			return row.Scan(userFields(&u)...)
		})
		queueBeginning(b, args, session)
		return tx.SendBatch(ctx, b).Close()
	})
	return u, err
}

const selectAccount = `
	SELECT ` + userColumns + `, u.password_hash, u.verified_at IS NOT NULL
	FROM users u`

func scanAccount(row pgx.Row) (auth.Account, error) {
	var a auth.Account
	err := row.Scan(append(userFields(&a.User), &a.PasswordHash, &a.Verified)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.Account{}, auth.ErrNoUser
	}
	return a, translate(err)
}

// Account implements auth.Store.
func (s *Store) Account(ctx context.Context, emailKey string) (auth.Account, error) {
	const account = selectAccount + ` WHERE u.email_key = @email_key AND u.deleted_at IS NULL`
	return scanAccount(s.pool.QueryRow(ctx, account, pgx.NamedArgs{"email_key": emailKey}))
}

// AccountOf implements auth.Store.
func (s *Store) AccountOf(ctx context.Context, id auth.UserID) (auth.Account, error) {
	const account = selectAccount + ` WHERE u.id = @id AND u.deleted_at IS NULL`
	return scanAccount(s.pool.QueryRow(ctx, account, pgx.NamedArgs{"id": id}))
}

// Rename implements auth.Store.
func (s *Store) Rename(ctx context.Context, id auth.UserID, name string) (auth.User, error) {
	const rename = `
		UPDATE users u
		SET name = @name, name_key = @name_key, updated_at = now()
		WHERE u.id = @id AND u.deleted_at IS NULL
		RETURNING ` + userColumns
	return s.changeUser(ctx, rename, pgx.NamedArgs{"id": id, "name": name, "name_key": nameKey(name)})
}

// SetPicture implements auth.Store.
func (s *Store) SetPicture(ctx context.Context, id auth.UserID, name string) (auth.User, error) {
	const paint = `
		UPDATE users u
		SET picture = @picture, updated_at = now()
		WHERE u.id = @id AND u.deleted_at IS NULL
		RETURNING ` + userColumns
	return s.changeUser(ctx, paint, pgx.NamedArgs{"id": id, "picture": name})
}

// changeUser makes one change of a user, which has to return userColumns.
func (s *Store) changeUser(ctx context.Context, change string, args pgx.NamedArgs) (auth.User, error) {
	var u auth.User
	err := s.pool.QueryRow(ctx, change, args).Scan(userFields(&u)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return auth.User{}, auth.ErrNoUser
	}
	return u, translate(err)
}
