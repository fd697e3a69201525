package auth

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Grace is for how long a refresh token that was used gets the same successor again, if
// nobody has used that one: the answer may have been lost, or another tab been faster.
const Grace = 30 * time.Second

// RefreshToken is what is kept of one.
type RefreshToken struct {
	Generation int    // of its session: 1 is the first
	Hash       []byte // of its name
	IssuedAt   time.Time
	ExpiresAt  time.Time
	UsedAt     time.Time // zero of the newest
}

// Rotation is what comes of a refresh token that somebody presented.
type Rotation struct {
	Outcome Outcome
	Used    RefreshToken // the one that was presented
	Next    RefreshToken // its successor
	EndsAt  time.Time    // when the session is over, however often it is renewed
}

// Outcome says what a Rotation is.
type Outcome int

// Outcomes of presenting a refresh token.
const (
	Reused   Outcome = iota // an old one, so that somebody has a copy: the session ends
	Repeated                // the last one again: nothing changes, Next is there
	Rotated                 // Next takes its place
)

// ReuseError is the error of a refresh token that had been used before. Its session is
// revoked. It is an ErrUnauthenticated.
type ReuseError struct {
	User    UserID
	Session SessionID
}

func (e *ReuseError) Error() string { return "refresh token used again" }

func (e *ReuseError) Unwrap() error { return ErrUnauthenticated }

// Refresh turns a refresh token into a new pair of its session, which then lives as long as
// that. The error is ErrUnauthenticated, and a *ReuseError if that is why.
func (s *Service) Refresh(ctx context.Context, token string) (Pair, error) {
	c, old, err := s.tokens.readRefresh(token)
	if err != nil {
		return Pair{}, err
	}
	if old {
		return Pair{}, ErrUnauthenticated
	}
	pair, err := s.rotate(ctx, c)
	if err != nil {
		return Pair{}, err
	}
	pair.Access, err = s.tokens.access(c.user(), c.Session)
	return pair, err
}

// rotate makes the successor of a genuine refresh token, or makes it again.
//
// Whoever presents a token locks the row of its session first, and looks at its tokens only
// then: of those who come at once one finds it unused, and all others find its successor.
// A successor's name follows from its place, so all of them get the very same token. A
// revocation writes that row too: it comes before, and is seen, or ends what was given out.
func (s *Service) rotate(ctx context.Context, c *claims) (Pair, error) {
	now := s.now()
	r, err := s.store.Rotate(ctx, c.user(), c.Session, now, func(ends time.Time, kept []RefreshToken) Rotation {
		return s.tokens.succeed(c, ends, kept, now)
	})
	if err != nil {
		return Pair{}, fmt.Errorf("rotate refresh token: %w", err)
	}
	if r.Outcome == Reused {
		s.announcer.SessionRevoked(c.user(), c.Session)
		return Pair{}, &ReuseError{User: c.user(), Session: c.Session}
	}
	refresh, err := s.tokens.refresh(c.user(), c.Session, r.Next)
	return Pair{Refresh: refresh, Life: r.Next.ExpiresAt.Sub(now).Round(time.Second)}, err
}

// succeed decides about the token with the claims c, in a session that is over at ends and
// of which those tokens are kept, the older one first. A session that none is kept of is
// older than keeping them: it goes on from the first one that comes.
func (t tokens) succeed(c *claims, ends time.Time, kept []RefreshToken, now time.Time) Rotation {
	shown := RefreshToken{Hash: hashName(c.ID), IssuedAt: c.IssuedAt.Time, ExpiresAt: c.ExpiresAt.Time}
	if len(kept) > 0 {
		at := slices.IndexFunc(kept, func(k RefreshToken) bool { return bytes.Equal(k.Hash, shown.Hash) })
		if at < 0 {
			return Rotation{Outcome: Reused}
		}
		shown = kept[at]
	}
	if !shown.UsedAt.IsZero() {
		next := kept[len(kept)-1]
		if !shown.usable(now) || next.Generation != shown.Generation+1 || !next.UsedAt.IsZero() {
			return Rotation{Outcome: Reused}
		}
		return Rotation{Outcome: Repeated, Used: shown, Next: next, EndsAt: ends}
	}
	if ends.IsZero() {
		ends = now.Add(t.sessionMax)
	}
	shown.UsedAt = now
	next := t.newRefresh(c.Session, shown.Generation+1, now, ends)
	return Rotation{Outcome: Rotated, Used: shown, Next: next, EndsAt: ends}
}

// usable is whether a token that is kept may be shown: the newest, and for a while the one
// before.
func (r RefreshToken) usable(now time.Time) bool {
	return r.UsedAt.IsZero() || now.Before(r.UsedAt.Add(Grace))
}

// newRefresh makes what is kept of a session's next token.
func (t tokens) newRefresh(s SessionID, generation int, now, ends time.Time) RefreshToken {
	until := now.Add(t.refreshTTL)
	if until.After(ends) {
		until = ends
	}
	name := refreshName(t.refreshKeys.first(), s, generation)
	return RefreshToken{Generation: generation, Hash: hashName(name), IssuedAt: now, ExpiresAt: until}
}

// refresh signs a token from what is kept of it: always the same, but for the key. The
// error is ErrUnauthenticated if the key that it was made with is gone.
func (t tokens) refresh(u UserID, s SessionID, kept RefreshToken) (string, error) {
	for _, k := range t.refreshKeys {
		if name := refreshName(k, s, kept.Generation); bytes.Equal(hashName(name), kept.Hash) {
			return t.sign(refreshToken, t.refreshKeys, newClaims(u, s, name, kept.IssuedAt, kept.ExpiresAt))
		}
	}
	return "", ErrUnauthenticated
}

// refreshName is the jti of a session's token, which nobody can make without the key.
func refreshName(k key, s SessionID, generation int) string {
	m := hmac.New(sha256.New, deriveKey(k.secret, "refresh tokens"))
	m.Write([]byte(string(s) + " " + strconv.Itoa(generation)))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func hashName(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}
