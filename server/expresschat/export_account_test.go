package expresschat_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"expresschat/bus"
	"expresschat/chat"
	"expresschat/server/doortest"
)

// exported is an account's file as its user reads it.
type exported struct {
	ExportedAt string
	User       map[string]any
	Sessions   []map[string]any
	Chats      []struct {
		ID, Kind, Name, Description, Role string
		Members                           []map[string]string
		Messages                          []struct {
			Seq                                   int64
			ID, Sender, SenderName, Type, Content string
			SentAt, URL                           string
			Attachment                            map[string]any
		}
	}
}

func (w *world) export(p person) exported {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.url+"/account/export", nil)
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+p.tokens.Access)
	answered, err := w.http.Do(r)
	w.must(err)
	defer answered.Body.Close()
	h := answered.Header
	if h.Get("Content-Disposition") != `attachment; filename="expresschat.json"` || h.Get("Cache-Control") != "no-store" ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "application/json" {
		w.Errorf("the head is %v", h)
	}
	text, err := io.ReadAll(answered.Body)
	w.must(err)
	var e exported
	if err := json.Unmarshal(text, &e); err != nil {
		w.Fatalf("%v: %.300s", err, text)
	}
	return e
}

// An export has all that its user may read, more than a page of it, and nobody else's
// address.
func TestAnExport(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("Ana"), w.person("Ben"), w.person("Zoe")
	a, b := w.enter("Ana", ana), w.enter("Ben", ben)
	personal := w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"].(string)
	group := w.done(b.emit("create-group-chat", object{"Name": "group", "Description": "of two", "Participants": []any{ana.id}}))["GroupId"].(string)
	w.done(b.emit("create-group-chat", object{"Name": "secret", "Participants": []any{zoe.id}}))
	w.say(ana, chat.Draft{Room: bus.RoomID(ana.id), Kind: bus.Self, Content: "a \"note\""})
	long := strings.Repeat("x", 10<<10)
	for i := range chat.MaxPage + 2 {
		w.say(ben, chat.Draft{Room: bus.RoomID(personal), Kind: bus.Personal, Content: fmt.Sprint(i, long[:i*50])})
	}
	size, name := "5", strings.Repeat("a", 32)+".pdf"
	w.say(ana, chat.Draft{Room: bus.RoomID(group), Kind: bus.Group, Type: bus.File, Content: "f", Attachment: &bus.Attachment{Size: &size, File: &name, Bytes: 5}})

	e := w.export(ana)
	if e.User["id"] != string(ana.id) || e.User["name"] != "Ana" || e.User["email"] != ana.email || e.User["verified"] != true || len(e.Sessions) != 1 || e.Sessions[0]["current"] != true {
		t.Errorf("%+v, %+v", e.User, e.Sessions)
	}
	text := toJSON(t, e)
	if strings.Contains(text, ben.email) || strings.Contains(text, "secret") {
		t.Error("there is more than Ana may read")
	}
	found := map[string]string{}
	for _, c := range e.Chats {
		said := ""
		for i, m := range c.Messages {
			if m.Seq != int64(i+1) || m.SenderName == "" || m.SentAt == "" {
				t.Errorf("%s has %+v in place %d", c.Kind, m, i)
			}
			said = m.Content
			if (m.URL == "/media/"+name) != (m.Type == "file") {
				t.Errorf("the file of %+v is at %q", m, m.URL)
			}
		}
		found[c.ID] = fmt.Sprintf("%s %s %s %s, %d in it, %d messages, %.3s", c.Kind, c.Name, c.Description, c.Role, len(c.Members), len(c.Messages), said)
	}
	for id, want := range map[string]string{
		string(ana.id): `self Ana  member, 1 in it, 1 messages, a "`,
		personal:       "personal Ben  member, 2 in it, 202 messages, 201",
		group:          "group group of two member, 2 in it, 2 messages, f",
	} {
		if found[id] != want {
			t.Errorf("%s, want %s", found[id], want)
		}
	}
	if len(found) != 3 {
		t.Errorf("%d chats: %v", len(found), found)
	}
}

// Clients that read nothing keep no connections to the database, and no second export of the
// same user begins. One whose session ends meanwhile breaks off.
func TestExportsThatStall(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	room := w.done(w.enter("Ana", ana).emit("create-group-chat", object{"Name": "group"}))["GroupId"].(string)
	// More than what the network keeps on the way.
	_, err := w.db.Exec(t.Context(), `
		INSERT INTO messages (room_id, seq, id, sender_id, type, content, sent_at)
		SELECT $1, n, gen_random_uuid(), $2, 'text', repeat('x', 16000), now()
		FROM generate_series(2, 1000) n`, room, ana.id)
	w.must(err)
	_, err = w.db.Exec(t.Context(), `UPDATE rooms SET seq = 1000 WHERE id = $1`, room)
	w.must(err)
	stalled := w.stalledExport(ana)
	for range doortest.Conns.Others { // one more than there are connections
		other := w.person("Other")
		w.must(w.groups.Add(t.Context(), ana.actor(), bus.RoomID(room), other.id))
		w.stalledExport(other)
	}
	w.expect("200:1", "somebody else's request", request{method: http.MethodGet, path: "/sessions", bearer: ana.tokens.Access})
	w.expect("429:-1", "a second one", request{method: http.MethodGet, path: "/account/export", bearer: ana.tokens.Access})
	w.must(w.auth.SignOut(t.Context(), ana.tokens))
	rest, err := io.ReadAll(stalled)
	w.must(err)
	if len(rest) < 16_000_000 || strings.HasSuffix(string(rest), "0\r\n\r\n") {
		t.Errorf("%d bytes, and half of it passes for all", len(rest))
	}
}

// stalledExport begins an export and reads no more than its beginning.
func (w *world) stalledExport(p person) net.Conn {
	w.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	w.must(err)
	w.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET /account/export HTTP/1.1\r\nHost: chat\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n", p.tokens.Access)
	w.must(err)
	first := make([]byte, 12)
	_, err = io.ReadFull(conn, first)
	w.must(err)
	if string(first) != "HTTP/1.1 200" {
		w.Errorf("an export begins with %q", first)
	}
	return conn
}
