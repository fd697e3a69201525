package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"expresschat/auth"
	"expresschat/chat"
)

// SQLSTATEs (Postgres manual, appendix A) and constraints that mean something to us.
const (
	uniqueViolation   = "23505"
	usersEmail        = "users_email"
	messagesID        = "messages_id"
	messagesClient    = "messages_client"
	queryCanceled     = "57014"
	lockNotAvailable  = "55P03"
	serializationFail = "40001"
	deadlockDetected  = "40P01"
	tooManyConns      = "53300"
	readOnly          = "25006" // a standby, or a primary that may not write any more
	diskFull          = "53100"
	ioError           = "58030"
)

// translate turns an error of the driver into one of the domain. It is the only place
// that knows SQLSTATEs. What is left over is a bug or a broken database, and stays as
// it is.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if neverCame(err) {
		return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return translateState(pg, err)
	}
	if lost(err) {
		return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
	}
	return err
}

func translateState(pg *pgconn.PgError, err error) error {
	switch {
	case pg.Code == uniqueViolation && pg.ConstraintName == usersEmail:
		return auth.ErrEmailTaken
	case pg.Code == uniqueViolation && (pg.ConstraintName == messagesID || pg.ConstraintName == messagesClient):
		// Another attempt of the same entry got there first: asking again finds it.
		return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
	}
	switch pg.Code {
	case lockNotAvailable:
		return fmt.Errorf("%w: %w", chat.ErrHeld, err)
	case queryCanceled, serializationFail, deadlockDetected, tooManyConns:
		return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
	case diskFull, ioError, readOnly:
		return fmt.Errorf("%w: %w", chat.ErrFull, err)
	}
	switch pg.Code[:2] {
	// connection, insufficient resources, operator intervention (a server that stops or
	// starts), system error
	case "08", "53", "57", "58":
		return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
	}
	return err
}

// translateCommit is translate for the end of a transaction that writes. If the answer got
// lost, the transaction may have taken effect; and so it may if Postgres ended the
// connection instead of giving one.
func translateCommit(err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	answered := errors.As(err, &pg)
	switch {
	case answered && (pg.Code[:2] == "57" || pg.Code[:2] == "08") && pg.Code != queryCanceled,
		!answered && lost(err) && !neverCame(err):
		return fmt.Errorf("%w: %w", chat.ErrInDoubt, err)
	}
	return translate(err)
}

// lost reports whether the connection went away, so that it is not known what the database
// did.
func lost(err error) bool {
	var network net.Error
	return errors.As(err, &network) ||
		errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, pgx.ErrTxClosed) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF)
}

// neverCame reports whether there was no connection, whatever Postgres has against one (a
// full disk, say), or nothing was sent over it.
func neverCame(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || pgconn.SafeToRetry(err)
}
