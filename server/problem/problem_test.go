package problem_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"expresschat/chat"
	"expresschat/groups"
	"expresschat/server/limits"
	"expresschat/server/problem"
)

func TestWrappedErrorsAreFound(t *testing.T) {
	t.Parallel()
	p, known := problem.Of(fmt.Errorf("append message: %w", chat.ErrNotMember))
	if !known || p.Code != "no-such-chat" {
		t.Errorf("%+v, %v", p, known)
	}
}

func TestWhatIsNotListedIsInternal(t *testing.T) {
	t.Parallel()
	p, known := problem.Of(errors.New("secret detail"))
	if known || p != problem.Internal {
		t.Errorf("%+v, %v", p, known)
	}
}

// To somebody outside, a chat they are not in and one that does not exist are the same,
// whichever part of the server answers.
func TestStrangersHearOneAnswer(t *testing.T) {
	t.Parallel()
	a, _ := problem.Of(chat.ErrNotMember)
	b, _ := problem.Of(groups.ErrNotFound)
	if a != b {
		t.Errorf("%+v and %+v", a, b)
	}
}

// What was too much at a time says itself when it may go better.
func TestRetryAfterOfRates(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("spend: %w", &limits.RateError{Wait: 1200 * time.Millisecond})
	if p, known := problem.Of(err); !known || p.Code != "rate-limited" || p.RetryAfter != 2 {
		t.Errorf("%+v, %v", p, known)
	}
}

// A client may come back by itself exactly where that can help.
func TestRetryAfterIsForWhatIsOurs(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{
		chat.ErrBusy: 1, chat.ErrHeld: 1, chat.ErrUnavailable: 1, chat.ErrInDoubt: 1, chat.ErrNotMember: 0, groups.ErrFull: 0,
	} {
		if p, _ := problem.Of(err); p.RetryAfter != want {
			t.Errorf("%v: retry after %d, want %d", err, p.RetryAfter, want)
		}
	}
}
