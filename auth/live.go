package auth

import (
	"slices"
	"sync"
	"time"
)

// maxKept bounds the sessions that are kept. One takes some 500 bytes with what it takes in
// the indexes and its user (BenchmarkMemoryOfASession), so all of them 50 MB, and that
// only where as many devices come back again and again. Past it a random one goes for each
// that comes: its next check asks the database.
const maxKept = 100_000

// kept is live sessions that were looked up, so that whoever shows a token again costs the
// database nothing. Once an end of a session is told, nobody finds that session here: it is
// dropped, and a row that was read before the drop is not put in after it.
//
// Who looks a session up takes a mark, then reads the row, then puts it in under that mark. An
// end is committed, then dropped, which moves the mark. So a row that was read before the
// commit comes with a mark from before the drop: it is dropped with the rest if it was put in
// by then, and else not taken.
type kept struct {
	max int

	mu       sync.Mutex // guards what follows
	hearing  bool       // whether all ends are told here; if not, nothing is kept
	mark     uint64     // moved by every drop
	sessions map[SessionID]*keptSession
	users    map[UserID]*keptUser
}

type keptSession struct {
	kind            SessionKind
	created         time.Time
	expires, usedAt time.Time
	of              *keptUser
}

// keptUser is a user who has sessions in kept.
type keptUser struct {
	User
	sessions []SessionID
}

func newKept(limit int) *kept {
	return &kept{max: limit, sessions: map[SessionID]*keptSession{}, users: map[UserID]*keptUser{}}
}

// restart forgets all. hearing is whether every end is told from here on.
func (k *kept) restart(hearing bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.hearing = hearing
	k.mark++
	clear(k.sessions)
	clear(k.users)
}

// at is the mark under which a row may be put in that is read from now on.
func (k *kept) at() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mark
}

// find returns a session that is live, and its user.
func (k *kept) find(id SessionID, now time.Time) (Session, User, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.sessions[id]
	if s == nil {
		return Session{}, User{}, false
	}
	if !s.expires.After(now) {
		k.remove(id)
		return Session{}, User{}, false
	}
	return Session{
		ID: id, Kind: s.kind, User: s.of.ID, ExpiresAt: s.expires, CreatedAt: s.created, UsedAt: s.usedAt,
	}, s.of.User, true
}

// put keeps a session and its user, as they were read after mark.
func (k *kept) put(mark uint64, s Session, u User) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.hearing || mark != k.mark {
		return
	}
	if old := k.sessions[s.ID]; old != nil { // somebody was faster, and may have used it since
		old.expires, old.usedAt = later(old.expires, s.ExpiresAt), later(old.usedAt, s.UsedAt)
		old.of.User = u
		return
	}
	if len(k.sessions) >= k.max {
		for id := range k.sessions { // in no order
			k.remove(id)
			break
		}
	}
	owner := k.users[u.ID]
	if owner == nil {
		owner = &keptUser{}
		k.users[u.ID] = owner
	}
	owner.User = u
	owner.sessions = append(owner.sessions, s.ID)
	k.sessions[s.ID] = &keptSession{kind: s.Kind, created: s.CreatedAt, expires: s.ExpiresAt, usedAt: s.UsedAt, of: owner}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// drop forgets a session that has ended, or of which it is not known how it is now.
func (k *kept) drop(id SessionID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.mark++
	k.remove(id)
}

// dropUser forgets what is kept of a user, who is not as they were.
func (k *kept) dropUser(id UserID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.mark++
	if u := k.users[id]; u != nil {
		for _, s := range u.sessions {
			delete(k.sessions, s)
		}
		delete(k.users, id)
	}
}

func (k *kept) remove(id SessionID) {
	s := k.sessions[id]
	if s == nil {
		return
	}
	delete(k.sessions, id)
	i := slices.Index(s.of.sessions, id)
	s.of.sessions = slices.Delete(s.of.sessions, i, i+1)
	if len(s.of.sessions) == 0 {
		delete(k.users, s.of.ID)
	}
}

// use reports whether it is the caller's part to write that a session is used now, which
// nobody has since due: of those who ask at once, it is one's. If that fails, it has to drop
// the session.
func (k *kept) use(id SessionID, now, due time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.sessions[id]
	if s == nil {
		return true
	}
	mine := !s.usedAt.After(due)
	if mine {
		s.usedAt = now
	}
	return mine
}

// prolong is use for moving the end of a session that ends by due.
func (k *kept) prolong(id SessionID, due, until time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.sessions[id]
	if s == nil {
		return true
	}
	mine := !s.expires.After(due)
	if mine {
		s.expires = until
	}
	return mine
}
