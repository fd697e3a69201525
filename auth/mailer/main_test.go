package mailer_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"expresschat/auth"
	"expresschat/auth/mailer"
	"expresschat/templates"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newSet(t *testing.T) *templates.Set {
	t.Helper()
	set, err := templates.New()
	if err != nil {
		t.Fatalf("parse templates: %v", err)
	}
	return set
}

func posting(id, to string) mailer.Posting {
	return mailer.Posting{
		ID:        id,
		Letter:    auth.Letter{To: to, Subject: "Grüße", Text: "your code is 123456", HTML: "<p>your code is 123456</p>"},
		CreatedAt: time.Now(),
	}
}
