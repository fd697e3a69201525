package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"expresschat/auth"
)

// kept returns what is kept of a session's refresh tokens, and when the session is over.
func (w *world) kept(user auth.UserID, id auth.SessionID, now time.Time) (ends time.Time, kept []auth.RefreshToken) {
	w.Helper()
	_, err := w.Rotate(w.Context(), user, id, now, func(e time.Time, k []auth.RefreshToken) auth.Rotation {
		ends, kept = e, k
		return auth.Rotation{Outcome: auth.Repeated}
	})
	w.must(err)
	return ends, kept
}

// pairSession starts a session of a pair, with its first refresh token.
func (w *world) pairSession(user auth.UserID, now time.Time) auth.Session {
	w.Helper()
	s := session()
	s.User, s.EndsAt = user, now.Add(3*time.Hour)
	s.Refresh = auth.RefreshToken{Generation: 1, Hash: []byte("1"), IssuedAt: now, ExpiresAt: s.ExpiresAt}
	w.must(w.StartSession(w.Context(), s, "hash"))
	return s
}

func TestRotation(t *testing.T) {
	w := newWorld(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	ana, ben := w.person("ana"), w.person("ben")
	s, other := w.pairSession(ana, now), w.pairSession(ana, now)
	if ends, kept := w.kept(ana, s.ID, now); !ends.Equal(s.EndsAt) || len(kept) != 1 || string(kept[0].Hash) != "1" || !kept[0].UsedAt.IsZero() {
		t.Fatalf("ends %v, %+v", ends, kept)
	}
	last := s.Refresh
	for generation := range 3 {
		next := auth.RefreshToken{
			Generation: last.Generation + 1, Hash: []byte{byte('2' + generation)},
			IssuedAt: now, ExpiresAt: now.Add(time.Duration(generation+2) * time.Hour),
		}
		last.UsedAt = now
		said := auth.Rotation{Outcome: auth.Rotated, Used: last, Next: next, EndsAt: s.EndsAt.Add(time.Hour)}
		got, err := w.Rotate(t.Context(), ana, s.ID, now, func(time.Time, []auth.RefreshToken) auth.Rotation { return said })
		w.must(err)
		if !reflect.DeepEqual(got, said) {
			t.Errorf("%+v, want %+v", got, said)
		}
		ends, kept := w.kept(ana, s.ID, now)
		if !ends.Equal(said.EndsAt) || len(kept) != 2 || string(kept[0].Hash) != string(last.Hash) || !kept[0].UsedAt.Equal(now) ||
			string(kept[1].Hash) != string(next.Hash) || !kept[1].UsedAt.IsZero() || !kept[1].ExpiresAt.Equal(next.ExpiresAt) {
			t.Errorf("kept until %v: %+v", ends, kept)
		}
		if live, _, err := w.LiveSession(t.Context(), s.ID, now); err != nil || !live.ExpiresAt.Equal(next.ExpiresAt) {
			t.Errorf("the session lives until %v: %v", live.ExpiresAt, err)
		}
		last = next
	}

	never := func(time.Time, []auth.RefreshToken) auth.Rotation {
		t.Error("somebody decided who may not")
		return auth.Rotation{}
	}
	long := session()
	long.Kind, long.User = auth.LongSession, ana
	w.must(w.StartSession(t.Context(), long, "hash"))
	for name, ask := range map[string]func() error{
		"by somebody else": func() error { _, err := w.Rotate(t.Context(), ben, s.ID, now, never); return err },
		"past its end":     func() error { _, err := w.Rotate(t.Context(), ana, s.ID, now.Add(4*time.Hour), never); return err },
		"of a long one":    func() error { _, err := w.Rotate(t.Context(), ana, long.ID, now, never); return err },
		"of none":          func() error { _, err := w.Rotate(t.Context(), ana, auth.NewSessionID(), now, never); return err },
	} {
		if err := ask(); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, kept := w.kept(ana, other.ID, now); len(kept) != 1 {
		t.Errorf("another session has %+v", kept)
	}

	_, err := w.Rotate(t.Context(), ana, s.ID, now, func(time.Time, []auth.RefreshToken) auth.Rotation {
		return auth.Rotation{Outcome: auth.Reused}
	})
	w.must(err)
	if _, _, err := w.LiveSession(t.Context(), s.ID, now); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("after a reuse: %v", err)
	}
	_, _, err = w.LiveSession(t.Context(), other.ID, now)
	w.must(err)
}

func TestASessionIsShownByItsLastTwoTokens(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	ana := w.person("ana")
	s := w.pairSession(ana, now)
	used, next := s.Refresh, s.Refresh
	used.UsedAt, next.Generation, next.Hash = now, 2, []byte("2")
	_, err := w.Rotate(t.Context(), ana, s.ID, now, func(time.Time, []auth.RefreshToken) auth.Rotation {
		return auth.Rotation{Outcome: auth.Rotated, Used: used, Next: next, EndsAt: s.EndsAt}
	})
	w.must(err)
	old := session() // that no token is kept of
	old.User = ana
	w.must(w.StartSession(t.Context(), old, "hash"))
	earlier, later := now.Add(-time.Second), now.Add(time.Second)
	for name, tt := range map[string]struct {
		id         auth.SessionID
		hash       string
		now, since time.Time
		want       error
	}{
		"the newest":                {s.ID, "2", now, later, nil},
		"the one before":            {s.ID, "1", now, earlier, nil},
		"the one before, too late":  {s.ID, "1", now, later, auth.ErrUnauthenticated},
		"another":                   {s.ID, "3", now, earlier, auth.ErrUnauthenticated},
		"the newest, past the end":  {s.ID, "2", s.ExpiresAt.Add(time.Second), earlier, auth.ErrUnauthenticated},
		"any of an earlier version": {old.ID, "1", now, later, nil},
		"of another session":        {auth.NewSessionID(), "2", now, earlier, auth.ErrUnauthenticated},
	} {
		found, u, err := w.SessionShown(t.Context(), tt.id, []byte(tt.hash), tt.now, tt.since)
		if !errors.Is(err, tt.want) || (err == nil && (found.ID != tt.id || u.ID != ana)) {
			t.Errorf("%s: %+v of %s: %v", name, found, u.ID, err)
		}
	}
}
