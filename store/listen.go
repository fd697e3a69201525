package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"expresschat/auth"
)

// sessionsEnded is the channel that sql/00008_revocations.sql tells on.
const sessionsEnded = "sessions_ended"

const (
	// listenPing is how often a connection that has nothing to tell is asked whether it still
	// could. One that went without a word is noticed after that and pingTimeout.
	listenPing = 2 * time.Second
	// listenPatience bounds all that comes before a connection is listened to.
	listenPatience = 10 * time.Second
	// trialPatience bounds the trial: it goes over a connection that may have gone silent itself.
	trialPatience = 3 * time.Second
	// Between two attempts to listen.
	firstPause, longestPause = 250 * time.Millisecond, 5 * time.Second
)

// Listener is told of ends of sessions and changes of users by whoever makes them, another
// process or a person at psql, when they are committed. It is told in order, by one goroutine.
type Listener interface {
	// Listening is called when everything that is committed from now on is going to be told.
	// If it fails, all begins anew.
	Listening(ctx context.Context) error
	SessionEnded(user auth.UserID, session auth.SessionID)
	UserChanged(user auth.UserID)
	// Deaf is called when something may be missed from now on, or has been for a moment.
	Deaf()
}

// Listen tells l what happens until ctx ends. It has a connection of its own, and gets itself
// another one when that is lost.
func (s *Store) Listen(ctx context.Context, l Listener) {
	pause, wasLost := firstPause, false
	for {
		err := s.listen(ctx, l, func() {
			if wasLost {
				s.log.Info("ends of sessions are heard again")
			}
			pause, wasLost = firstPause, false
		})
		l.Deaf()
		if ctx.Err() != nil {
			return
		}
		if !wasLost {
			s.log.Warn("ends of sessions are not heard, every token is looked up", "error", err)
		}
		wasLost = true
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// listen returns why it can't go on.
func (s *Store) listen(ctx context.Context, l Listener, begun func()) error {
	bounded, cancel := context.WithTimeout(ctx, listenPatience)
	defer cancel()
	conn, schema, err := s.beginListening(bounded)
	if err != nil {
		return err
	}
	defer func() {
		bounded, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		_ = conn.Close(bounded)
	}()
	if err := l.Listening(bounded); err != nil {
		return err
	}
	begun()
	for {
		n, err := s.awaitNotice(ctx, conn)
		if err != nil {
			return err
		}
		tell(l, n, schema)
	}
}

// beginListening returns a connection that hears, and the schema of the tables it hears of. It
// has been tried: behind a pooler that shares connections out by transactions, LISTEN
// succeeds and nothing ever comes.
func (s *Store) beginListening(ctx context.Context) (_ *pgx.Conn, schema string, err error) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return nil, "", fmt.Errorf("connect to listen: %w", err)
	}
	defer func() {
		if err != nil {
			_ = conn.Close(ctx)
		}
	}()
	const where = `
		SELECT n.nspname, set_config('application_name', 'expresschat listens in ' || n.nspname, false)
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid = 'sessions'::regclass`
	if err := conn.QueryRow(ctx, where).Scan(&schema, nil); err != nil {
		return nil, "", fmt.Errorf("find schema: %w", err)
	}
	if _, err := conn.Exec(ctx, "LISTEN "+sessionsEnded); err != nil {
		return nil, "", fmt.Errorf("listen: %w", err)
	}
	if err := s.tryToBeHeard(ctx, conn); err != nil {
		return nil, "", err
	}
	return conn, schema, nil
}

// tryToBeHeard returns when conn has heard what was said for that alone.
func (s *Store) tryToBeHeard(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, trialPatience)
	defer cancel()
	word := `{"echo":"` + rand.Text() + `"}`
	if _, err := s.pool.Exec(ctx, `SELECT pg_notify($1, $2)`, sessionsEnded, word); err != nil {
		return fmt.Errorf("try to be heard: %w", err)
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("hear what was said: %w", err)
		}
		if n.Payload == word {
			return nil
		}
	}
}

// awaitNotice waits for the next one, for as long as the connection works.
func (s *Store) awaitNotice(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	for {
		bounded, cancel := context.WithTimeout(ctx, s.listenPing)
		n, err := conn.WaitForNotification(bounded)
		cancel()
		if err == nil {
			return n, nil
		}
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("wait for notice: %w", err)
		}
		bounded, cancel = context.WithTimeout(ctx, pingTimeout)
		err = conn.Ping(bounded)
		cancel()
		if err != nil {
			return nil, fmt.Errorf("ping: %w", err)
		}
	}
}

// notice is what a trigger tells.
type notice struct {
	Schema  string         `json:"schema"`
	User    auth.UserID    `json:"user"`
	Session auth.SessionID `json:"session"` // empty if it is the user who changed
}

// tell passes a notice on. Others may use the channel for what they like.
func tell(l Listener, n *pgconn.Notification, schema string) {
	var what notice
	if json.Unmarshal([]byte(n.Payload), &what) != nil || what.Schema != schema || what.User == "" {
		return
	}
	if what.Session == "" {
		l.UserChanged(what.User)
		return
	}
	l.SessionEnded(what.User, what.Session)
}
