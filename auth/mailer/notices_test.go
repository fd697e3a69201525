package mailer_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"expresschat/auth/mailer"
)

func TestNoticesSayWhatHappened(t *testing.T) {
	t.Parallel()
	w := mailer.NewWriter(newSet(t))
	const signIn, forgot = "https://chat.example/auth", "https://chat.example/auth#forgot"
	at := time.Date(2026, 11, 7, 23, 5, 0, 0, time.FixedZone("east", 2*60*60))
	locked, err := w.Locked("ana@mail.example", `Ana "A"`, at, forgot)
	if err != nil {
		t.Fatal(err)
	}
	there, err := w.AlreadyThere("ana@mail.example", `Ana "A"`, signIn, forgot)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []struct {
		subject, to, text, html string
		want                    []string
	}{
		{locked.Subject, locked.To, locked.Text, locked.HTML, []string{"7 November 2026, 21:05 UTC", "stay signed in", "once a day"}},
		{there.Subject, there.To, there.Text, there.HTML, []string{"have an account there already", "once a day"}},
	} {
		if l.to != "ana@mail.example" || l.subject == "" {
			t.Errorf("%q to %q", l.subject, l.to)
		}
		text := strings.Join(strings.Fields(l.text), " ")
		for _, want := range append(l.want, "ana@mail.example", "chat.example", forgot) {
			if !strings.Contains(text, want) || !strings.Contains(l.html, want) {
				t.Errorf("lacks %q: %s %s", want, text, l.html)
			}
		}
		if !strings.HasPrefix(text, `Hello Ana "A",`) || !strings.Contains(l.html, "Hello Ana &#34;A&#34;,") || !strings.Contains(l.text, "\n"+forgot+"\n") {
			t.Errorf("greets or leads oddly: %s %s", l.text, l.html)
		}
	}
	if !strings.Contains(there.Text, "\n"+signIn+"\n") || !strings.Contains(there.HTML, `href="`+signIn+`"`) {
		t.Errorf("does not lead to the sign-in: %s", there.Text)
	}
}

func TestNoticesCarryOnlyWebLinks(t *testing.T) {
	t.Parallel()
	w := mailer.NewWriter(newSet(t))
	const good, bad = "https://chat.example/auth", "javascript:alert(1)"
	_, locked := w.Locked("ana@mail.example", "Ana", time.Now(), bad)
	_, signIn := w.AlreadyThere("ana@mail.example", "Ana", bad, good)
	_, forgot := w.AlreadyThere("ana@mail.example", "Ana", good, bad)
	for _, err := range []error{locked, signIn, forgot} {
		if !errors.Is(err, mailer.ErrBadLink) {
			t.Errorf("%v", err)
		}
	}
}
