package vchat_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/server/doortest"
	"expresschat/server/limits"
)

// Sockets of both doors count together: whoever has too many is told so in the words of the
// door that they come to, and comes in again when one of the others has gone.
func TestSocketsOfBothDoorsAreCounted(t *testing.T) {
	h := newHouse(t)
	ana := h.pagePerson("Ana")
	var err error
	_, ana.token, err = h.auth.SignInLong(t.Context(), ana.email, "open-sesame")
	h.must(err)
	app, page := h.quietApp(ana, 4), h.page(ana)
	reader := h.reader(ana, 3, "") // two sockets: one comes unasked
	// Who is let in is counted before they are heard.
	reader.await(func() bool { return reader.main == "0" })
	reader.write("420" + packetOf("typing_changed", "{}"))
	reader.await(func() bool { return reader.main == "03" })
	for _, c := range []*client{app, reader} {
		c.roundtrip()
	}
	for range limits.MaxSockets - 4 {
		if _, ok := h.users.Enter(string(ana.id)); !ok {
			t.Fatal("they count for more than they are")
		}
	}
	const told = `{"message":"You have too many connections open: close some"}`
	for _, revision := range []int{3, 4} {
		c := h.dial("one too many", revision, "/", url.Values{}, http.Header{"Authorization": {ana.token}})
		if revision == 4 {
			c.write("40")
		}
		c.await(func() bool { return c.out != "" })
		if c.out != told {
			t.Errorf("revision %d is told %s", revision, c.out)
		}
	}
	c := h.dial("a page too many", 4, "/", url.Values{"accessToken": {ana.tokens.Access}, "refreshToken": {ana.tokens.Refresh}}, http.Header{})
	c.write("40")
	c.await(func() bool { return c.bye })
	if got := c.fresh(); len(got) != 1 || got[0].name != "chat-error" || !strings.Contains(got[0].arg, `"code":"too-many-connections"`) {
		t.Errorf("a page is told %v", got)
	}
	if !h.users.Full(string(ana.id)) {
		t.Error("those that were turned away count")
	}

	reader.close()
	h.await(func() bool { // both have gone
		one, _ := h.users.Enter(string(ana.id))
		two, room := h.users.Enter(string(ana.id))
		one.Leave()
		two.Leave()
		return room
	})
	again := h.quietApp(ana, 4)
	for _, c := range []*client{app, again} {
		c.roundtrip()
	}
	page.overheard()
}

// await waits until something is so that has begun.
func (h *house) await(so func() bool) {
	h.Helper()
	for end := time.Now().Add(patience); !so(); h.handOver() {
		if time.Now().After(end) {
			h.Fatalf("it is not so after %v", patience)
		}
	}
}

// Who asks for too much is told in words, by an ack that they asked for and by REST, and else
// not at all.
func TestAFloodIsRefused(t *testing.T) {
	stopped := func() time.Duration { return time.Hour } // or it would give units back meanwhile
	h := newHouseOf(t, doortest.Plan{Admission: auth.AdmitAnybody}, limits.NewUsersBy(true, stopped))
	ana := h.person("Ana")
	app := h.quietApp(ana, 4)
	spend := func() {
		for h.users.Spend(string(ana.id), limits.Light) == nil {
		}
	}
	const told = `{"success":false,"data":"Too much at a time, wait a little"}`
	spend()
	if got := app.emit("join", ""); got() != told {
		t.Errorf("join is answered by %s", got())
	}
	app.say("join", "")
	app.say("typing_changed", `{"status":"typing","roomId":"x"}`)
	app.overheard()
	if got := app.fresh(); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	spend()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/api/v1/room?page=0", nil)
	h.must(err)
	r.Header.Set("Authorization", ana.token)
	answer, err := h.http.Do(r)
	h.must(err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "1" {
		t.Errorf("by REST: %d, retry after %q", answer.StatusCode, answer.Header.Get("Retry-After"))
	}
}
