package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/store"
	"expresschat/store/storetest"
)

// delete makes a tombstone of somebody.
func (w *world) delete(u auth.UserID) {
	w.Helper()
	_, err := w.DeleteAccount(w.Context(), u, "hash", time.Now())
	w.must(err)
}

func TestADeletedAccountIsATombstone(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	room, group := w.personal(ana, ben), w.group(ben, zoe)
	w.change(groups.Change{Group: group, By: by(ben), Target: ana, Type: bus.Add})
	w.send(ana, room, bus.Personal, "to ben")
	w.send(ana, bus.RoomID(ana), bus.Self, "to myself")
	before, err := w.AccountOf(t.Context(), ana)
	w.must(err)
	w.must(w.SaveReset(t.Context(), auth.Reset{User: before.User, Code: code("r", auth.FromWeb)}, auth.Letter{To: before.Email}))
	w.delete(ana)

	h, err := w.History(t.Context(), ben, room, bus.Personal, chat.Page{Limit: 9})
	w.must(err)
	if m := h.Messages[0]; m.Sender != ana || m.SenderName != auth.DeletedName || m.Content != "to ben" || h.Members[0].Name != auth.DeletedName {
		t.Errorf("the chat is %+v", h)
	}
	if n := w.mailTo(before.Email); n != 0 {
		t.Errorf("%d mails wait", n)
	}
	for what, find := range map[string]func() error{
		"an account by id":      func() error { _, err := w.AccountOf(t.Context(), ana); return err },
		"an account by address": func() error { _, err := w.Account(t.Context(), before.Email); return err },
		"an attempt to sign up": func() error { _, err := w.PendingSignUp(t.Context(), before.Email); return err },
		"a person by id":        func() error { _, err := w.FindPerson(t.Context(), ben, string(ana)); return err },
		"a new personal chat": func() error {
			_, _, err := w.OpenPersonal(t.Context(), by(zoe), ana, bus.NewRoomID(), stamp())
			return err
		},
		"a new personal chat of theirs": func() error {
			_, _, err := w.OpenPersonal(t.Context(), by(ana), zoe, bus.NewRoomID(), stamp())
			return err
		},
		"whether there is one": func() error { _, err := w.FindPersonal(t.Context(), zoe, ana); return err },
		"a new group": func() error {
			_, err := w.CreateGroup(t.Context(), by(zoe), bus.NewRoomID(), groups.Plan{Name: "g", Members: []auth.UserID{ana}}, stamp())
			return err
		},
		"a new group of theirs": func() error {
			_, err := w.CreateGroup(t.Context(), by(ana), bus.NewRoomID(), groups.Plan{Name: "g"}, stamp())
			return err
		},
		"a second deletion": func() error { _, err := w.DeleteAccount(t.Context(), ana, "", time.Now()); return err },
	} {
		if err := find(); !errors.Is(err, auth.ErrNoUser) && !errors.Is(err, chat.ErrNoUser) && !errors.Is(err, groups.ErrNoUser) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if o, err := w.FindPersonal(t.Context(), ben, ana); err != nil || o.Room != room || o.Partner.Name != auth.DeletedName {
		t.Errorf("the chat that there was: %+v, %v", o, err)
	}
	for name, list := range map[string]func() ([]chat.Person, error){
		"searched": func() ([]chat.Person, error) { return w.Search(t.Context(), ben, "deleted", 9) },
		"listed":   func() ([]chat.Person, error) { return w.People(t.Context(), ben, "", 9) },
	} {
		found, err := list()
		w.must(err)
		if slices.ContainsFunc(found, func(p chat.Person) bool { return p.ID == ana }) {
			t.Errorf("%s: %+v", name, found)
		}
	}
	if p := w.post(by(ana), chat.Draft{Room: bus.RoomID(ana), Kind: bus.Self, Content: "late"}, stamp()); !errors.Is(p.Err, chat.ErrNotMember) {
		t.Errorf("the self chat took %+v", p)
	}
	var name, added string
	w.must(w.Ask(t.Context(), `
		SELECT concat_ws(' ', name, name_key, email = id::text, email_key = id::text, picture = '', password_hash = '', verified_at IS NULL,
			(SELECT count(*) FROM sessions WHERE user_id = id), (SELECT count(*) FROM resets WHERE user_id = id))
		FROM users WHERE id = $1`, &name, ana))
	w.must(w.Ask(t.Context(), `SELECT string_agg(content, ' ') FROM messages WHERE type = 'add' AND room_id = $1`, &added, group))
	if name != "Deleted user deleted user t t t t t 0 0" || added != auth.DeletedName {
		t.Errorf("left are %q and %q", name, added)
	}
}

func TestADeparture(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	group, open, blocked, theirs := w.group(ben, ana), w.personal(ana, ben), w.personal(ana, zoe), w.personal(ben, zoe)
	w.group(ben, zoe)
	w.block(ana, blocked)
	w.block(ben, open)
	w.send(ana, bus.RoomID(ana), bus.Self, "to myself")
	w.delete(ana)
	departing, err := w.Departing(t.Context())
	if err != nil || !slices.Equal(departing, []auth.UserID{ana}) {
		t.Errorf("departing are %v, %v", departing, err)
	}
	together, personal, err := w.RoomsToLeave(t.Context(), ana)
	if err != nil || !slices.Equal(together, []bus.RoomID{group}) || !slices.Equal(personal, []bus.RoomID{open}) {
		t.Errorf("to leave are %v and %v, %v", together, personal, err)
	}
	for range 2 {
		e, err := w.Seal(t.Context(), by(ana), open, stamp())
		if b, ok := e.(bus.BlockChanged); err != nil || !ok || !b.Blocked || b.By.User != ana || b.Kind != bus.Personal {
			t.Errorf("sealed: %+v, %v", e, err)
		}
	}
	for _, room := range []bus.RoomID{theirs, group} {
		if _, err := w.Seal(t.Context(), by(ana), room, stamp()); !errors.Is(err, chat.ErrNotMember) {
			t.Errorf("sealed another: %v", err)
		}
	}
	if _, _, err := w.ToggleBlock(t.Context(), by(ben), open, stamp()); !errors.Is(err, chat.ErrBlocked) {
		t.Errorf("the other one's block is lifted: %v", err)
	}
	if _, personal, err := w.RoomsToLeave(t.Context(), ana); err != nil || len(personal) > 0 {
		t.Errorf("still to leave are %v, %v", personal, err)
	}
	w.must(w.Departed(t.Context(), ana))
	departing, err = w.Departing(t.Context())
	if n := w.countMessages(bus.RoomID(ana)); err != nil || len(departing) > 0 || n > 0 {
		t.Errorf("departing are %v, %v; %d messages to oneself are left", departing, err, n)
	}
}

// What would put somebody into a room, or sign them in, waits for their deletion once that
// has begun, and then finds that it has happened.
func TestWhoComesDuringADeletion(t *testing.T) {
	for name, come := range map[string]func(w *world, ana, ben auth.UserID, group bus.RoomID) error{
		"added to a group": func(w *world, ana, ben auth.UserID, group bus.RoomID) error {
			add := groups.Change{Group: group, By: by(ben), Target: ana, Type: bus.Add}
			_, err := w.ChangeGroup(w.Context(), add, stamp(), func(at groups.Standing) error {
				if !at.Exists {
					return groups.ErrNoUser
				}
				return nil
			})
			return err
		},
		"put into a new group": func(w *world, ana, ben auth.UserID, _ bus.RoomID) error {
			_, err := w.CreateGroup(w.Context(), by(ben), bus.NewRoomID(), groups.Plan{Name: "g", Members: []auth.UserID{ana}}, stamp())
			return err
		},
		"makes a group": func(w *world, ana, ben auth.UserID, _ bus.RoomID) error {
			_, err := w.CreateGroup(w.Context(), by(ana), bus.NewRoomID(), groups.Plan{Name: "g", Members: []auth.UserID{ben}}, stamp())
			return err
		},
		"gets a personal chat": func(w *world, ana, ben auth.UserID, _ bus.RoomID) error {
			_, _, err := w.OpenPersonal(w.Context(), by(ben), ana, bus.NewRoomID(), stamp())
			return err
		},
		"opens a personal chat": func(w *world, ana, ben auth.UserID, _ bus.RoomID) error {
			_, _, err := w.OpenPersonal(w.Context(), by(ana), ben, bus.NewRoomID(), stamp())
			return err
		},
		"signs in": func(w *world, ana, _ auth.UserID, _ bus.RoomID) error {
			s := session()
			s.User = ana
			return w.StartSession(w.Context(), s, "hash")
		},
		"is deleted": func(w *world, ana, _ auth.UserID, _ bus.RoomID) error {
			_, err := w.DeleteAccount(w.Context(), ana, "hash", time.Now())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, tx := besides(t)
			ana, ben := w.person("ana"), w.person("ben")
			group := w.group(ben)
			// The deletion gets as far as the attempt to sign up, and has the account by then.
			_, err := tx.Exec(t.Context(), `SELECT FROM sign_ups WHERE id = $1 FOR UPDATE`, ana)
			w.must(err)
			deleted, came := make(chan error, 1), make(chan error, 1)
			go func() {
				_, err := w.DeleteAccount(t.Context(), ana, "hash", time.Now())
				deleted <- err
			}()
			w.awaitLocked(tx, 1)
			go func() { came <- come(w, ana, ben, group) }()
			w.awaitLocked(tx, 2)
			w.must(tx.Commit(t.Context()))
			w.must(<-deleted)
			err = <-came
			if !errors.Is(err, groups.ErrNoUser) && !errors.Is(err, chat.ErrNoUser) && !errors.Is(err, auth.ErrNoUser) && !errors.Is(err, auth.ErrWrongPassword) {
				t.Errorf("%v", err)
			}
			if list, _ := w.Sessions(t.Context(), ana, time.Now(), 9); len(list) > 0 {
				t.Errorf("signed in by %+v", list)
			}
		})
	}
}

// Whoever is just being put into a room is in it before they are deleted, so that their
// departure finds it.
func TestADeletionWaitsForWhoComes(t *testing.T) {
	t.Parallel()
	w, tx := besides(t)
	ana, ben := w.person("ana"), w.person("ben")
	group := w.group(ben)
	// What an add does, up to its commit.
	_, err := tx.Exec(t.Context(), `SELECT FROM users WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE`, ana)
	w.must(err)
	_, err = tx.Exec(t.Context(), `INSERT INTO members (room_id, user_id, role) VALUES ($1, $2, 'member')`, group, ana)
	w.must(err)
	deleted := make(chan error, 1)
	go func() {
		_, err := w.DeleteAccount(t.Context(), ana, "hash", time.Now())
		deleted <- err
	}()
	w.awaitLocked(tx, 1)
	w.must(tx.Commit(t.Context()))
	w.must(<-deleted)
	together, _, err := w.RoomsToLeave(t.Context(), ana)
	if err != nil || !slices.Equal(together, []bus.RoomID{group}) {
		t.Errorf("to leave are %v, %v", together, err)
	}
}

// besides is a world and a transaction next to it.
func besides(t *testing.T) (*world, pgx.Tx) {
	t.Helper()
	url := storetest.URL(t)
	db, err := store.Open(t.Context(), url, store.Conns{Lanes: 2, Others: 4}, noLog)
	w := &world{TB: t, Store: db, people: map[auth.UserID]string{}}
	w.must(err)
	t.Cleanup(db.Close)
	conn, err := pgx.Connect(t.Context(), url)
	w.must(err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	tx, err := conn.Begin(t.Context())
	w.must(err)
	return w, tx
}

// awaitLocked returns when that many wait for tx, or for somebody who does.
func (w *world) awaitLocked(tx pgx.Tx, n int) {
	w.Helper()
	for waiting, late := 0, time.Now().Add(time.Minute); waiting < n; {
		if time.Now().After(late) {
			w.Fatalf("%d wait, and not %d", waiting, n)
		}
		w.must(tx.QueryRow(w.Context(), `
			WITH RECURSIVE behind AS (
				SELECT pg_backend_pid() AS pid
				UNION
				SELECT l.pid
				FROM behind b
				JOIN pg_locks l ON NOT l.granted AND b.pid = ANY(pg_blocking_pids(l.pid))
			)
			SELECT count(*) - 1 FROM behind`).Scan(&waiting))
	}
}
