package store_test

import (
	"strconv"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/store"
)

// All sessions that live end, whoever's, in steps of which none ends more than it may. What
// had ended before is left as it was.
func TestAllSessionsEnd(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	before := w.endSession(ben) // of the one that everybody begins with
	w.begin(ana, 2*store.RevokeBatch, "1 hour")
	w.begin(ben, 3, "-1 second")
	const live = 2*store.RevokeBatch + 1

	ended, err := w.RevokeAll(t.Context(), time.Now())
	if err != nil || ended != live {
		t.Errorf("%d have ended, want %d: %v", ended, live, err)
	}
	if left := w.ask(`SELECT count(*)::text FROM sessions WHERE revoked_at IS NULL AND expires_at > now()`); left != "0" {
		t.Errorf("%s still live", left)
	}
	if got := w.ask(`SELECT count(*)::text FROM sessions WHERE revoked_at IS NULL`); got != "3" {
		t.Errorf("of three that had run out %s have no other end", got)
	}
	if got := w.ask(`SELECT count(*)::text FROM sessions WHERE revoked_at = $1::timestamptz`, before); got != "1" {
		t.Error("what had ended before has another end now")
	}
	// What one statement wrote has one transaction for its writer.
	if most := w.ask(`SELECT max(n)::text FROM (SELECT count(*) AS n FROM sessions WHERE revoked_at > $1::timestamptz GROUP BY xmin) AS steps`, before); most != strconv.Itoa(store.RevokeBatch) {
		t.Errorf("one step has ended %s sessions", most)
	}
	if ended, err := w.RevokeAll(t.Context(), time.Now()); err != nil || ended != 0 {
		t.Errorf("once more: %d, %v", ended, err)
	}
}

// Where ending all fails halfway, as many have ended as it says.
func TestEndingAllSessionsFailsHalfway(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	w.begin(ana, 2*store.RevokeBatch, "1 hour")
	w.must(w.Execute(t.Context(), `
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF EXISTS (SELECT FROM sessions WHERE revoked_at IS NOT NULL) THEN
				RAISE EXCEPTION 'no more' USING ERRCODE = 'disk_full';
			END IF;
			RETURN NULL;
		END $$`))
	w.must(w.Execute(t.Context(), `CREATE TRIGGER refuse BEFORE UPDATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION refuse()`))

	ended, err := w.RevokeAll(t.Context(), time.Now())
	if err == nil || ended != store.RevokeBatch {
		t.Errorf("%d have ended, and the error is %v", ended, err)
	}
	if got := w.ask(`SELECT count(*)::text FROM sessions WHERE revoked_at IS NOT NULL`); got != strconv.Itoa(ended) {
		t.Errorf("%s have ended, not %d", got, ended)
	}
}

// begin begins sessions that end so long from now.
func (w *world) begin(u auth.UserID, n int, left string) {
	w.Helper()
	w.must(w.Execute(w.Context(), `
		INSERT INTO sessions (id, kind, user_id, expires_at)
		SELECT gen_random_uuid(), $4, $1, now() + $3::interval
		FROM generate_series(1, $2)`, u, n, left, auth.PairSession))
}

// endSession ends one session of somebody's, and returns when, as Postgres writes it.
func (w *world) endSession(u auth.UserID) string {
	w.Helper()
	live, err := w.Sessions(w.Context(), u, time.Now(), 1)
	w.must(err)
	if len(live) == 0 {
		w.Fatal("there is no session to end")
	}
	_, err = w.RevokeSession(w.Context(), u, live[0].ID, time.Now().Add(-time.Minute))
	w.must(err)
	return w.ask(`SELECT revoked_at::text FROM sessions WHERE id = $1`, live[0].ID)
}

// ask is the answer to a question of one text.
func (w *world) ask(question string, args ...any) (answer string) {
	w.Helper()
	w.must(w.Ask(w.Context(), question, &answer, args...))
	return answer
}
