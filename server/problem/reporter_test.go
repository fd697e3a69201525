package problem_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/chat"
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

// While the database is away one line says so, whatever failed; what no outage explains is
// logged each time.
func TestAnOutageIsOneLine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	r := problem.NewReporter(slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		r.Explain("send", fmt.Errorf("append: %w", chat.ErrUnavailable))
		r.Warn("connection has no lists")
		r.Explain("send", errors.New("a defect"))
	}
	if warned, failed := strings.Count(log.String(), "level=WARN"), strings.Count(log.String(), "level=ERROR"); warned != 1 || failed != 3 {
		t.Errorf("logged %s", log.String())
	}
}
