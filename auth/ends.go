package auth

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Door has connections of sessions.
type Door interface {
	// OpenSessions are the sessions that have connections now, and whose they are. Those of
	// connections that are going to ask StillLive may be missing.
	OpenSessions() map[SessionID]UserID
}

// Attach adds a door. Call it before Listening.
func (s *Service) Attach(d Door) { s.doors = append(s.doors, d) }

// Listening is called once every end of a session that is committed from now on is going to
// be told to SessionEnded, and every change of a user to UserChanged, whoever makes it. From
// here until Deaf, sessions are kept, and a token that was seen before is checked without
// the database.
//
// Nobody may have told of those that ended until now, so the open ones are looked at once, and
// those that are over are announced. A connection that is not open by then asks StillLive
// after it is, which is after this has begun to listen: it finds what is committed, or it
// will be told.
func (s *Service) Listening(ctx context.Context) error {
	s.kept.restart(true)
	open := map[SessionID]UserID{}
	for _, d := range s.doors {
		maps.Copy(open, d.OpenSessions())
	}
	if len(open) == 0 {
		return nil
	}
	dead, err := s.store.DeadSessions(ctx, slices.Collect(maps.Keys(open)), s.now())
	if err != nil {
		return fmt.Errorf("look up open sessions: %w", err)
	}
	for _, id := range dead {
		s.announcer.SessionRevoked(open[id], id)
	}
	return nil
}

// Deaf is called when ends of sessions may not be told any more. Until Listening, every
// check asks the database.
func (s *Service) Deaf() { s.kept.restart(false) }

// SessionEnded has a session ended everywhere whose end is committed: by another process, by
// hand, or by this one, which may have announced it, or not know that its commit came through.
func (s *Service) SessionEnded(user UserID, id SessionID) { s.announcer.SessionRevoked(user, id) }

// UserChanged is called after a change of what a User says is committed, or that they are
// gone.
func (s *Service) UserChanged(user UserID) { s.kept.dropUser(user) }

// forgetful drops what is kept before anybody is told. That is the order in which a
// connection can't slip through: it is where the doors look first, and then asks StillLive.
// If that still finds the session kept, it is there before the drop, and the doors find it
// when they are told; if not, the database says that it is over.
type forgetful struct {
	Announcer
	kept *kept
}

// SessionRevoked implements Announcer.
func (f forgetful) SessionRevoked(user UserID, session SessionID) {
	f.kept.drop(session)
	f.Announcer.SessionRevoked(user, session)
}

// NameChanged implements Announcer.
func (f forgetful) NameChanged(ctx context.Context, user UserID) {
	f.kept.dropUser(user)
	f.Announcer.NameChanged(ctx, user)
}
