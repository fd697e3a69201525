package mailer_test

import (
	"errors"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/auth/mailer"
)

func TestLettersSayWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	w := mailer.NewWriter(newSet(t))
	link := "https://chat.example/verify?email=ana%40mail.example&token=t0k"
	l, err := w.VerifyLink("ana@mail.example", "Ana", link)
	if err != nil {
		t.Fatal(err)
	}
	if l.To != "ana@mail.example" || l.Subject != "Confirm your ExpressChat sign-up" {
		t.Errorf("got %+v", l)
	}
	for _, want := range []string{"Ana", "ana@mail.example", "chat.example", "once", "ten minutes", "ignore"} {
		if !strings.Contains(l.Text, want) || !strings.Contains(l.HTML, want) {
			t.Errorf("lacks %q: %+v", want, l)
		}
	}
	if !strings.Contains(l.Text, "\n"+link+"\n") {
		t.Errorf("the link is not by itself: %s", l.Text)
	}

	l, err = w.VerifyCode("ana@mail.example", "Ana", "042137")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Ana", "ana@mail.example", "042137", "once", "ten minutes", "ignore"} {
		if !strings.Contains(l.Text, want) || !strings.Contains(l.HTML, want) {
			t.Errorf("lacks %q: %+v", want, l)
		}
	}
}

// Each kind of letter, with what it is about.
func TestLettersAboutPasswords(t *testing.T) {
	t.Parallel()
	w := mailer.NewWriter(newSet(t))
	link := "https://chat.example/reset?email=ana%40mail.example&token=t0k"
	tests := map[string]struct {
		write   func() (auth.Letter, error)
		subject string
		want    []string
	}{
		"link": {
			func() (auth.Letter, error) { return w.ResetLink("ana@mail.example", "Ana", link) },
			"A new password for ExpressChat",
			[]string{"chat.example", "forgotten", "once", "ten minutes", "ignore"},
		},
		"code": {
			func() (auth.Letter, error) { return w.ResetCode("ana@mail.example", "Ana", "042137") },
			"Your ExpressChat code for a new password",
			[]string{"042137", "forgotten", "once", "ten minutes", "ignore"},
		},
		"changed": {
			func() (auth.Letter, error) { return w.PasswordChanged("ana@mail.example", "Ana") },
			"Your ExpressChat password was changed",
			[]string{"was just changed", "set another password"},
		},
	}
	for name, tt := range tests {
		l, err := tt.write()
		if err != nil || l.To != "ana@mail.example" || l.Subject != tt.subject {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
		for _, want := range append(tt.want, "Hello Ana,", "ana@mail.example") {
			if !strings.Contains(l.Text, want) || !strings.Contains(l.HTML, want) {
				t.Errorf("%s lacks %q: %+v", name, want, l)
			}
		}
		if name == "link" && !strings.Contains(l.Text, "\n"+link+"\n") {
			t.Errorf("the link is not by itself: %s", l.Text)
		}
	}
}

func TestNamesInLetters(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, text, html string }{
		"plain":          {"Ana", "Hello Ana,", "Hello Ana,"},
		"quotes":         {`Ana "A" O'Hara`, `Hello Ana "A" O'Hara,`, "Hello Ana &#34;A&#34; O&#39;Hara,"},
		"a script":       {"<script>x()</script>", "Hello <script>x()</script>,", "Hello &lt;script&gt;x()&lt;/script&gt;,"},
		"a template":     {"{{.Link}}", "Hello {{.Link}},", "Hello {{.Link}},"},
		"line breaks":    {"Ana\r\nBcc: all\u2028\x00", "Hello Ana Bcc: all,", "Hello Ana Bcc: all,"},
		"turned text":    {"Ana\u202egnp", "Hello Anagnp,", "Hello Anagnp,"},
		"not UTF-8":      {"An\xffa", "Hello Ana,", "Hello Ana,"},
		"an emoji":       {"👩\u200d💻", "Hello 👩\u200d💻,", "Hello 👩\u200d💻,"},
		"initials":       {"J.R.R. Tolkien (he/him)", "Hello J.R.R. Tolkien (he/him),", "Hello J.R.R. Tolkien (he/him),"},
		"too long":       {strings.Repeat("ä", 41), "Hello " + strings.Repeat("ä", 40) + "…,", "…,"},
		"a link":         {"win at http://evil.example", "Hello,", "Hello,"},
		"half a link":    {"win at evil.example/now", "Hello,", "Hello,"},
		"a wide dot":     {"win at evil。example", "Hello,", "Hello,"},
		"a joined dot":   {"win at evil.\u200dexample", "Hello,", "Hello,"},
		"an address":     {"mail me@evil", "Hello,", "Hello,"},
		"nothing at all": {" \n ", "Hello,", "Hello,"},
	}
	w := mailer.NewWriter(newSet(t))
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			l, err := w.VerifyCode("ana@mail.example", test.name, "123456")
			if err != nil {
				t.Fatal(err)
			}
			if greeting, _, _ := strings.Cut(l.Text, "\n"); greeting != test.text {
				t.Errorf("greets %q, want %q", greeting, test.text)
			}
			if !strings.Contains(l.HTML, test.html) {
				t.Errorf("lacks %q: %s", test.html, l.HTML)
			}
			if l.Subject != "Your ExpressChat sign-up code" {
				t.Errorf("subject is %q", l.Subject)
			}
		})
	}
}

func TestALetterCarriesOnlyWebLinks(t *testing.T) {
	t.Parallel()
	w := mailer.NewWriter(newSet(t))
	for _, link := range []string{"", "/verify", "javascript:alert(1)", "https://", "https://a.example/x y", "https://a.example/\nBcc: b", "ftp://a.example/"} {
		if _, err := w.VerifyLink("ana@mail.example", "Ana", link); !errors.Is(err, mailer.ErrBadLink) {
			t.Errorf("%q: got %v, want ErrBadLink", link, err)
		}
		if _, err := w.ResetLink("ana@mail.example", "Ana", link); !errors.Is(err, mailer.ErrBadLink) {
			t.Errorf("%q to reset: got %v, want ErrBadLink", link, err)
		}
	}
}
