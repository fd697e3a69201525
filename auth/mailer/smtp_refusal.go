package mailer

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
)

// refused is a server's negative answer to one step. It leaves out the answer's text,
// which often repeats the recipient, because errors of a Sender are logged.
type refused struct {
	step     string
	code     int
	enhanced string // "5.1.1", or empty
}

func (r *refused) Error() string {
	if r.enhanced == "" {
		return fmt.Sprintf("the server answered %d to %s", r.code, r.step)
	}
	return fmt.Sprintf("the server answered %d %s to %s", r.code, r.enhanced, r.step)
}

// refusal makes an error of what went wrong at step, without anything that the server
// wrote as text.
func refusal(step string, err error) error {
	var answer *textproto.Error
	var garbled textproto.ProtocolError
	switch {
	case errors.As(err, &answer):
		enhanced := regexp.MustCompile(`^[45]\.\d{1,3}\.\d{1,3}\b`).FindString(answer.Msg)
		return &refused{step: step, code: answer.Code, enhanced: enhanced}
	case errors.As(err, &garbled):
		return fmt.Errorf("the server's answer to %s is no SMTP", step)
	default:
		return fmt.Errorf("%s: %w", step, err)
	}
}

// final marks err as ErrRejected if it is a permanent answer that is about the
// recipient or the mail. Those about how we speak or who we are (500 to 504, 521, 530
// to 538) tell of a wrong setting, which an operator can mend before it is too late.
func final(err error) error {
	var r *refused
	if errors.As(err, &r) && r.code >= 550 && r.code <= 599 {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	return err
}
