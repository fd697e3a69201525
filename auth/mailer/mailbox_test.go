package mailer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"expresschat/auth/mailer"
)

func ask(b *mailer.Mailbox, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/dev/mailbox", nil)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:3000"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

func TestMailboxKeepsTheLatestNewestFirst(t *testing.T) {
	t.Parallel()
	b := mailer.NewMailbox(newSet(t))
	for i := range 250 {
		if err := b.Send(t.Context(), posting(fmt.Sprint(i), "ana@mail.example")); err != nil {
			t.Fatal(err)
		}
	}
	_ = b.Send(t.Context(), posting("249", "ana@mail.example")) // a repeat
	mails := b.Mails()
	if len(mails) != 200 || mails[0].ID != "249" || mails[199].ID != "50" {
		t.Errorf("got %d mails, %s to %s", len(mails), mails[0].ID, mails[len(mails)-1].ID)
	}
}

func TestMailboxIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	b := mailer.NewMailbox(newSet(t))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_ = b.Send(t.Context(), posting(fmt.Sprint(i), "ana@mail.example"))
			_ = ask(b, nil)
		})
	}
	wg.Wait()
	if n := len(b.Mails()); n != 8 {
		t.Errorf("got %d mails, want 8", n)
	}
}

func TestMailboxAsJSON(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := mailer.NewMailbox(newSet(t))
		asJSON := func(r *http.Request) { r.Header.Set("Accept", "application/json") }
		if got := strings.TrimSpace(ask(b, asJSON).Body.String()); got != "[]" {
			t.Errorf("an empty mailbox says %s", got)
		}
		p := posting("p1", "ana@mail.example")
		_ = b.Send(t.Context(), p)
		w := ask(b, asJSON)
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("type is %q", got)
		}
		var got []map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 1 {
			t.Fatalf("got %v, %s", err, w.Body)
		}
		want := map[string]string{
			"id": "p1", "to": p.Letter.To, "subject": p.Letter.Subject, "text": p.Letter.Text,
			"html": p.Letter.HTML, "sentAt": "2000-01-01T00:00:00.000Z", // when bubbles begin
		}
		if fmt.Sprint(got[0]) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got[0], want)
		}
		var mails []mailer.Mail
		if err := json.Unmarshal(w.Body.Bytes(), &mails); err != nil || !mails[0].SentAt.Equal(p.CreatedAt) {
			t.Errorf("got %v, %+v", err, mails)
		}
	})
}

func TestMailboxOfOneAddress(t *testing.T) {
	t.Parallel()
	b := mailer.NewMailbox(newSet(t))
	for i, to := range []string{"ana@mail.example", "ben@mail.example", "ana+1@mail.example", "ana@mail.example"} {
		_ = b.Send(t.Context(), posting(fmt.Sprint(i), to))
	}
	of := func(query string) string {
		return ask(b, func(r *http.Request) {
			r.Header.Set("Accept", "application/json")
			r.URL.RawQuery = query
		}).Body.String()
	}
	tests := map[string]struct {
		query string
		want  []string
	}{
		"all":            {"to=", []string{"3", "2", "1", "0"}},
		"newest first":   {"to=ANA@mail.example", []string{"3", "0"}},
		"the whole name": {"to=ana%2B1@mail.example", []string{"2"}},
		"nobody's":       {"to=zoe@mail.example", nil},
	}
	for name, tt := range tests {
		var mails []mailer.Mail
		if err := json.Unmarshal([]byte(of(tt.query)), &mails); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range mails {
			got = append(got, m.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	page := ask(b, func(r *http.Request) { r.URL.RawQuery = "to=ben@mail.example" }).Body.String()
	if !strings.Contains(page, "ben@mail.example") || strings.Contains(page, "ana@mail.example") {
		t.Errorf("the page of one address says %s", page)
	}
}

func TestMailboxAsAPage(t *testing.T) {
	t.Parallel()
	b := mailer.NewMailbox(newSet(t))
	if page := ask(b, nil).Body.String(); !strings.Contains(page, "No mail yet") {
		t.Errorf("an empty mailbox says %s", page)
	}
	p := posting("p1", "ana@mail.example")
	p.Letter.Text = "<b>open</b> (https://chat.example/verify?a=1&b=2). Not javascript:alert(1)"
	p.Letter.HTML = `<p title="x">hi</p><script>alert(1)</script>`
	_ = b.Send(t.Context(), p)
	w := ask(b, nil)
	for _, want := range []string{
		`&lt;b&gt;open&lt;/b&gt; (<a href="https://chat.example/verify?a=1&amp;b=2" rel="noopener noreferrer">https://chat.example/verify?a=1&amp;b=2</a>). Not javascript:alert(1)`,
		`sandbox="" srcdoc="&lt;p title=&#34;x&#34;&gt;hi&lt;/p&gt;&lt;script&gt;`,
		"ana@mail.example",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("lacks %q:\n%s", want, w.Body)
		}
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("cache control is %q", got)
	}
	if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || strings.Contains(got, "script-src") {
		t.Errorf("policy is %q", got)
	}
}

func TestMailboxIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	from := func(addr string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = addr } }
	host := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	tests := map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"IPv4":                   {nil, 200},
		"IPv6":                   {from("[::1]:50000"), 200},
		"IPv4 in IPv6":           {from("[::ffff:127.0.0.1]:50000"), 200},
		"host 127.0.0.1":         {host("127.0.0.1:3000"), 200},
		"host ::1":               {host("[::1]:3000"), 200},
		"host without port":      {host("LOCALHOST"), 200},
		"host ::1, no port":      {host("[::1]"), 200},
		"a neighbour":            {from("192.168.1.7:50000"), 404},
		"a neighbour, IPv6":      {from("[fe80::1%eth0]:50000"), 404},
		"no address":             {from("@"), 404},
		"another host":           {host("evil.example:3000"), 404},
		"a host like localhost":  {host("localhost.evil.example"), 404},
		"a host like 127.0.0.1":  {host("127.0.0.1.evil.example"), 404},
		"no host":                {host(""), 404},
		"X-Forwarded-For":        {header("X-Forwarded-For", "127.0.0.1"), 404},
		"X-Forwarded-Proto":      {header("X-Forwarded-Proto", "https"), 404},
		"Forwarded":              {header("Forwarded", "for=127.0.0.1"), 404},
		"an empty Forwarded":     {header("Forwarded", ""), 404},
		"X-Real-IP":              {header("X-Real-IP", "127.0.0.1"), 404},
		"HEAD":                   {func(r *http.Request) { r.Method = http.MethodHead }, 200},
		"POST":                   {func(r *http.Request) { r.Method = http.MethodPost }, 405},
		"POST from a neighbour":  {func(r *http.Request) { r.Method, r.RemoteAddr = http.MethodPost, "10.0.0.1:1" }, 404},
		"JSON for a neighbour":   {func(r *http.Request) { r.Header.Set("Accept", "application/json"); r.RemoteAddr = "10.0.0.1:1" }, 404},
		"JSON among other types": {header("Accept", "application/json, text/plain, */*"), 200},
	}
	b := mailer.NewMailbox(newSet(t))
	_ = b.Send(t.Context(), posting("p1", "ana@mail.example"))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(b, test.change)
			if w.Code != test.want {
				t.Errorf("got %d, want %d", w.Code, test.want)
			}
			if shown := strings.Contains(w.Body.String(), "123456"); shown != (w.Code == 200) {
				t.Errorf("shown is %t: %s", shown, w.Body)
			}
		})
	}
}
