package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"expresschat/chat"
	"expresschat/groups"
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
