package templates_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"expresschat/templates"
)

// filled is each HTML template of a set with data of its own, by the name of its file.
func filled(set *templates.Set) map[string]func(io.Writer) error {
	mail := func(name string, data any) func(io.Writer) error {
		return func(w io.Writer) error { return set.HTML(w, name, data) }
	}
	page := func(name string, data any) func(io.Writer) error {
		return func(w io.Writer) error { return set.Page(w, name, data) }
	}
	link := templates.VerifyLink{Name: "Ana", To: "ana@example.org", Link: "https://chat.example/verify?token=1&source=web", Host: "chat.example"}
	code := templates.VerifyCode{To: "ana@example.org", Code: "123456"}
	return map[string]func(io.Writer) error{
		"mail/verify_link.html": mail("verify_link", link), "mail/verify_code.html": mail("verify_code", code),
		"mail/reset_link.html": mail("reset_link", link), "mail/reset_code.html": mail("reset_code", code),
		"mail/password_changed.html": mail("password_changed", templates.PasswordChanged{}),
		"mail/locked.html":           mail("locked", templates.Locked{}),
		"mail/already_there.html":    mail("already_there", templates.AlreadyThere{}),
		"page/verified.html":         page("verified", templates.Verified{}),
		"page/verify_failed.html":    page("verify_failed", templates.VerifyFailed{}),
		"page/resent.html":           page("resent", templates.Resent{}),
		"page/mailbox.html":          page("mailbox", templates.Mailbox{}),
	}
}

// Every mail and page is one whole document with a title of its own, whatever its layout adds.
func TestEveryDocumentIsWhole(t *testing.T) {
	t.Parallel()
	all, titles := filled(newSet(t)), map[string]bool{}
	for _, folder := range []string{"mail", "page"} {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name := folder + "/" + f.Name()
			if !strings.HasSuffix(name, ".html") {
				continue
			}
			if all[name] == nil {
				t.Errorf("nothing is known of %s", name)
				continue
			}
			var out strings.Builder
			if err := all[name](&out); err != nil {
				t.Error(err)
				continue
			}
			text := out.String()
			if !strings.HasPrefix(text, "<!DOCTYPE html>\n") || !strings.HasSuffix(text, "\n</html>\n") || strings.Count(text, "<html") != 1 || strings.Count(text, "</html>") != 1 {
				t.Errorf("%s is no document:\n%s", name, text)
			}
			_, rest, _ := strings.Cut(text, "<title>")
			title, _, _ := strings.Cut(rest, "</title>")
			if title == "" || titles[title] {
				t.Errorf("%s has the title %q, which is none or another one's", name, title)
			}
			titles[title] = true
		}
	}
}

// A mail as it is sent, to the byte.
func TestAMailToTheByte(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/verify_link.html")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := filled(newSet(t))["mail/verify_link.html"](&out); err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}
