package templates_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"expresschat/templates"
)

const nasty = `"><script>alert(1)</script>`

func newSet(t *testing.T) *templates.Set {
	t.Helper()
	set, err := templates.New()
	if err != nil {
		t.Fatalf("parse templates: %v", err)
	}
	return set
}

func TestEveryHTMLTemplateEscapes(t *testing.T) {
	t.Parallel()
	set := newSet(t)
	link := "https://chat.example/verify?token=1&source=web"
	tests := map[string]struct {
		render func(*strings.Builder) error
		want   []string
	}{
		"verify_link": {func(b *strings.Builder) error {
			return set.HTML(b, "verify_link", templates.VerifyLink{Name: nasty, To: nasty, Link: link, Host: "chat.example"})
		}, []string{`href="https://chat.example/verify?token=1&amp;source=web"`, "ten minutes", "once", "ignore"}},
		"verify_code": {func(b *strings.Builder) error {
			return set.HTML(b, "verify_code", templates.VerifyCode{Name: nasty, To: nasty, Code: "123456"})
		}, []string{"123456", "ten minutes", "once", "ignore"}},
		"reset_link": {func(b *strings.Builder) error {
			return set.HTML(b, "reset_link", templates.VerifyLink{Name: nasty, To: nasty, Link: link, Host: "chat.example"})
		}, []string{`href="https://chat.example/verify?token=1&amp;source=web"`, "ten minutes", "once", "ignore"}},
		"reset_code": {func(b *strings.Builder) error {
			return set.HTML(b, "reset_code", templates.VerifyCode{Name: nasty, To: nasty, Code: "123456"})
		}, []string{"123456", "ten minutes", "once", "ignore"}},
		"password_changed": {func(b *strings.Builder) error {
			return set.HTML(b, "password_changed", templates.PasswordChanged{Name: nasty, To: nasty})
		}, []string{"was just changed", "set another password"}},
		"verified": {func(b *strings.Builder) error {
			return set.Page(b, "verified", templates.Verified{Name: nasty, ChatURL: "https://chat.example/"})
		}, []string{`href="https://chat.example/"`, `href="/static/css/base.css"`, `href="/static/page.css"`}},
		"verify_failed": {func(b *strings.Builder) error {
			return set.Page(b, "verify_failed", templates.VerifyFailed{Email: nasty})
		}, []string{`<form method="post" action="/resend">`, `name="email"`, `href="/auth"`, `href="/static/page.css"`}},
		"mailbox": {func(b *strings.Builder) error {
			return set.Page(b, "mailbox", templates.Mailbox{Mails: []templates.MailboxMail{{
				To: nasty, Subject: nasty, SentAt: time.Unix(0, 0).UTC(), HTML: nasty,
				Text: []templates.TextPart{{Text: nasty}, {Text: "here", Href: "javascript:alert(1)"}},
			}}})
		}, []string{`sandbox=""`, "1970-01-01T00:00:00.000Z"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := test.render(&out); err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"<script", "javascript:", "ZgotmplZ\"></a", "<style"} {
				if strings.Contains(out.String(), bad) {
					t.Errorf("has %q:\n%s", bad, &out)
				}
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("lacks %q:\n%s", want, &out)
				}
			}
		})
	}
}

func TestAJavascriptChatURLIsNotFollowed(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := newSet(t).Page(&out, "verified", templates.Verified{ChatURL: "javascript:alert(1)"})
	if err != nil || strings.Contains(out.String(), "javascript:") {
		t.Errorf("got %v, %s", err, &out)
	}
}

func TestTextsLeaveOutAnEmptyName(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	set := newSet(t)
	if err := set.Text(&out, "verify_link", templates.VerifyLink{To: "a@b.example", Link: "https://c.example/v", Host: "c.example"}); err != nil {
		t.Fatal(err)
	}
	if err := set.Text(&out, "verify_code", templates.VerifyCode{To: "a@b.example", Code: "123456"}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), " as ") || strings.Count(out.String(), "Hello,\n") != 2 {
		t.Errorf("got %s", &out)
	}
}

func TestErrorsWriteNothing(t *testing.T) {
	t.Parallel()
	set := newSet(t)
	var out strings.Builder
	for name, err := range map[string]error{
		"text": set.Text(&out, "verified", nil),
		"html": set.HTML(&out, "verified", nil),
		"page": set.Page(&out, "verify_link", nil),
	} {
		if !errors.Is(err, templates.ErrNoTemplate) {
			t.Errorf("%s: got %v, want ErrNoTemplate", name, err)
		}
	}
	if err := set.Page(&out, "verified", struct{ Name string }{"Ana"}); err == nil {
		t.Error("data without ChatURL passed")
	}
	if out.Len() != 0 {
		t.Errorf("wrote %q", &out)
	}
}

func TestPageCSSIsThere(t *testing.T) {
	t.Parallel()
	if css := templates.PageCSS(); !strings.Contains(css, "var(--accent)") || strings.Contains(css, "url(") {
		t.Errorf("got %q", css)
	}
}
