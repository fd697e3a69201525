package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// person is somebody at a browser of their own. The first window is the person's; further
// ones share its session.
type person struct {
	*pane
	user *user // nil before there is an account
	tabs int
}

// newPerson gives somebody a browser, with an empty window.
func newPerson(t testing.TB, s *server, name string) *person {
	t.Helper()
	browser, err := shared.chromium.start()
	if err != nil {
		t.Fatal(err)
	}
	p := &person{pane: &pane{watch: newWatch(s.url), t: t, name: name, s: s}}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.hear))
	t.Cleanup(cancel)
	p.pane.ctx = ctx
	p.prepare()
	return p
}

// newcomer is a person with an account who has not been here yet.
func newcomer(t testing.TB, s *server, name string) *person {
	t.Helper()
	p := newPerson(t, s, name)
	p.user = newUser(t, s, name)
	return p
}

// arrive is newcomers who are in the chat.
func arrive(t testing.TB, s *server, names ...string) []*person {
	t.Helper()
	people := make([]*person, len(names))
	for i, name := range names {
		people[i] = newcomer(t, s, name)
		people[i].arrives()
	}
	return people
}

// arrives opens the chat with the cookies of a session.
func (p *person) arrives() {
	p.t.Helper()
	for name, value := range map[string]string{"access_token": p.user.access, "refresh_token": p.user.refresh} {
		only := true
		if _, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{
			Name: name, Value: value, URL: p.s.url, HTTPOnly: &only, SameSite: network.CookieSameSiteLax,
		}); err != nil {
			p.t.Fatal(err)
		}
	}
	p.opens("/")
	p.isOnline()
}

// another opens one more window of the same person.
func (p *person) another() *pane {
	p.t.Helper()
	p.tabs++
	v := &pane{watch: newWatch(p.s.url), t: p.t, name: fmt.Sprintf("%s[%d]", p.name, p.tabs), s: p.s}
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithListener(v.hear))
	p.t.Cleanup(cancel)
	v.ctx = ctx
	v.prepare()
	return v
}

// prepare makes a window one that its user looks at, and sees to it that the test fails
// with what goes wrong in it.
func (v *pane) prepare() {
	v.t.Helper()
	eyes, err := os.ReadFile(filepath.Join("clients", "eyes.js"))
	if err != nil {
		v.t.Fatal(err)
	}
	atOnce := true
	if _, err := chromedp.Call(v.ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
		Source: string(eyes), RunImmediately: &atOnce,
	}); err != nil {
		v.t.Fatalf("open a window for %s: %v", v.name, err)
	}
	// Several windows are looked at at once, and none of them is behind another.
	if _, err := chromedp.Call(v.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		v.t.Fatal(err)
	}
	v.resizes(1280, 800)
	v.prefers("light")
	v.t.Cleanup(func() {
		_, _ = evaluate[bool](v, "true") // what happened before has been heard of by then
		for _, trouble := range v.unexcused() {
			v.t.Errorf("%s: %s", v.name, trouble)
		}
	})
}

// id is the person's id, as the page knows it.
func (p *person) id() string {
	p.t.Helper()
	return decode[string](p.t, p.until("one's own id", "document.querySelector('a[data-kind=self]')?.dataset.chat"))
}
