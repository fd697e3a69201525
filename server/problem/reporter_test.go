package problem_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/server/problem"
)

// To whoever signs in a hash that can't be used is a wrong password. The operator hears of it.
func TestAnOddHashIsTheOperatorsToKnow(t *testing.T) {
	t.Parallel()
	for err, text := range map[error]string{
		fmt.Errorf("check: %w", auth.ErrOddHash):                 "Wrong password",
		fmt.Errorf("%w: %w", auth.ErrBadSignIn, auth.ErrOddHash): "Wrong email or password, or this email is not verified yet",
	} {
		var log bytes.Buffer
		p := problem.NewReporter(slog.New(slog.NewTextHandler(&log, nil))).Explain("/login", err)
		if p.Code != "wrong-password" || p.Text != text || strings.Count(log.String(), "level=ERROR") != 1 {
			t.Errorf("%+v, logged %q", p, log.String())
		}
	}
	var log bytes.Buffer
	problem.NewReporter(slog.New(slog.NewTextHandler(&log, nil))).Explain("/login", auth.ErrWrongPassword)
	if log.Len() > 0 {
		t.Errorf("a wrong password is logged: %s", log.String())
	}
}
