package e2e

import (
	"context"
	"slices"
	"testing"
)

// judgeApps compares what VChat's door shows with what ExpressChat's does, and both with
// what readers on apps have seen.
func (o *oracle) judgeApps(t *testing.T, stored map[string][]pageMessage) {
	t.Helper()
	shown := map[string][]appMessage{} // by chat, as its first member on an app sees it
	for _, u := range o.apps {
		for _, c := range o.chatsOf(u) {
			all := o.allPages(t, u, c)
			if _, ok := shown[c.id]; !ok {
				shown[c.id] = all
				sameAtBothDoors(t, c, all, stored[c.id])
			}
			if !slices.Equal(all, shown[c.id]) {
				t.Errorf("chat %s is another one on the app of %s", c.id, u.name)
			}
			o.enteringShows(t, u, c, all)
		}
	}
	o.inTheOrderOfAnswers(t, stored)
	for _, v := range o.appViews {
		for _, s := range v.seen {
			s.isPartOf(t, v.who, shown[s.chat])
		}
		if v.heard == 0 {
			t.Errorf("%s heard nothing live in /message", v.who.name)
		}
	}
}

// allPages are all messages of a chat, by thirties, oldest first.
func (o *oracle) allPages(t *testing.T, u *user, c *talk) []appMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	all := stretch{chat: c.id}
	for before := "first"; ; {
		p, err := o.page(ctx, u, c, before)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.all) == 0 {
			return all.all
		}
		for _, m := range all.all {
			if err := p.add(m); err != nil {
				t.Fatal(err)
			}
		}
		all = p
		before = all.all[0].ID
	}
}

// sameAtBothDoors compares a chat's messages. VChat alone shows who created a group.
func sameAtBothDoors(t *testing.T, c *talk, onApp []appMessage, onPage []pageMessage) {
	t.Helper()
	said := slices.DeleteFunc(slices.Clone(onApp), func(m appMessage) bool { return m.Type != "text" })
	if !slices.EqualFunc(said, onPage, func(a appMessage, p pageMessage) bool { return a.isSame(t, p.message) }) {
		t.Errorf("chat %s has %d messages on apps and %d on pages, or others", c.id, len(said), len(onPage))
	}
	if entries := len(onApp) - len(said); int64(entries) != c.first-1 {
		t.Errorf("chat %s has %d entries on apps that are no messages, want %d", c.id, entries, c.first-1)
	}
}

// enteringShows checks that all_messages are the newest thirty, and the list's room the last.
func (o *oracle) enteringShows(t *testing.T, u *user, c *talk, all []appMessage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	v := newAppView(o, u, nil, 3)
	l, err := redialApp(ctx, o.s, u, "/message", v.revision, v.hear)
	if err != nil {
		t.Fatal(err)
	}
	defer l.cut()
	if err := v.enter(ctx, l, c); err != nil {
		t.Fatal(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if got := v.seen[0].all; v.wrong != nil || !slices.Equal(got, all[max(0, len(all)-pageOfLarge):]) {
		t.Errorf("%s enters chat %s and is shown %d messages, not the newest: %v", u.name, c.id, len(got), v.wrong)
	}
	h := newAppHome(o, u, nil, 4)
	home, err := redialApp(ctx, o.s, u, "", h.revision, h.hear)
	if err != nil {
		t.Fatal(err)
	}
	defer home.cut()
	if err := h.ask(ctx, home); err != nil || len(all) > 0 && h.shown(c.id) != all[len(all)-1].ID {
		t.Errorf("the list of %s shows %q last in chat %s: %v", u.name, h.shown(c.id), c.id, err)
	}
}

// inTheOrderOfAnswers checks that what was said after an answer is behind what was answered.
func (o *oracle) inTheOrderOfAnswers(t *testing.T, stored map[string][]pageMessage) {
	t.Helper()
	place := map[string]int64{}
	for _, all := range stored {
		for _, m := range all {
			place[m.Content] = m.Seq
		}
	}
	for content, d := range o.drafts {
		if at, there := place[content]; there && d.after != nil && at <= place[d.after.content] {
			t.Errorf("%q was said after %q was answered, and stands before it", content, d.after.content)
		}
	}
}
