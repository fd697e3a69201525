// Package problem is the one table from domain error to what a client is told: an HTTP
// status, a code that programs compare, and a text that people read. Every door uses
// it. What the table does not list is "internal", and the operator's to look at.
package problem

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"expresschat/auth"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/media"
	"expresschat/push"
	"expresschat/server/limits"
)

// Problem is an error as a client sees it.
type Problem struct {
	Status int    // of an HTTP answer
	Code   string // stable, lower case with hyphens
	Text   string
	// RetryAfter is in how many seconds it may go better, 0 where it won't by itself.
	RetryAfter int
}

// ErrBadInput is the error of input whose shape a door can't use, whatever it means.
var ErrBadInput = errors.New("the request has another shape than expected")

// ErrOrigin is the error of a request from a page of an origin that may not call.
var ErrOrigin = errors.New("the origin is not allowed")

// ErrTooMany is the error of somebody with as many sockets as one may have.
var ErrTooMany = fmt.Errorf("more than %d connections", limits.MaxSockets)

// Internal is what a client hears of errors that are not its business.
var Internal = Problem{Status: http.StatusInternalServerError, Code: "internal", Text: "Something went wrong on our side"}

// soon is when to try again what the server could not do at the moment.
const soon = 1

var table = []struct {
	err error
	p   Problem
}{
	{ErrBadInput, Problem{http.StatusBadRequest, "bad-input", "The request has another shape than expected", 0}},
	{ErrOrigin, Problem{http.StatusForbidden, "origin", "This origin is not allowed here; CHAT_ALLOWED_ORIGINS lists those that are", 0}},
	{ErrTooMany, Problem{http.StatusTooManyRequests, "too-many-connections", "You have too many connections open: close some", 0}},
	{limits.ErrRate, Problem{http.StatusTooManyRequests, "rate-limited", "Too much at a time, wait a little", soon}},
	{auth.ErrBadID, Problem{http.StatusBadRequest, "bad-input", "That is not an id", 0}},

	{auth.ErrBadEmail, Problem{http.StatusBadRequest, "bad-email", "That is not an email address", 0}},
	{auth.ErrBadName, Problem{http.StatusBadRequest, "bad-name", "A name has 1 to 64 characters", 0}},
	{auth.ErrBadPassword, Problem{http.StatusBadRequest, "bad-password", "A password has 8 to 256 characters", 0}},
	{auth.ErrCommonPassword, Problem{http.StatusBadRequest, "common-password", "That password is among the first that anybody would try. Take a longer one that only you would think of: three words that have nothing to do with each other, say", 0}},
	{auth.ErrBadLogin, Problem{http.StatusBadRequest, "bad-login", "What you sign in with has 1 to 254 bytes of text, and is no id of ours", 0}},
	{auth.ErrPasswordSize, Problem{http.StatusBadRequest, "bad-password", "A password has 1 to 1024 bytes", 0}},
	{auth.ErrNotAdmitted, Problem{http.StatusForbidden, "not-admitted", "Nobody can register here: CHAT_VCHAT_SIGNUP is off", 0}},
	{auth.ErrEmailTaken, Problem{http.StatusNotFound, "email-taken", "There is an account with this email already", 0}},
	{auth.ErrNoUser, Problem{http.StatusNotFound, "no-such-user", "There is no such user", 0}},
	{auth.ErrBadSignIn, Problem{http.StatusOK, "wrong-password", "Wrong email or password, or this email is not verified yet", 0}},
	{auth.ErrWrongPassword, Problem{http.StatusOK, "wrong-password", "Wrong password", 0}},
	{auth.ErrNotVerified, Problem{http.StatusNotFound, "not-verified", "This email is not verified yet", 0}},
	{auth.ErrAlreadyVerified, Problem{http.StatusNotFound, "already-verified", "This email is verified already", 0}},
	{auth.ErrBadCode, Problem{http.StatusBadRequest, "bad-code", "This code is wrong or has expired", 0}},
	{auth.ErrNoSession, Problem{http.StatusNotFound, "no-such-session", "There is no such session", 0}},
	{auth.ErrBusy, Problem{http.StatusServiceUnavailable, "busy", "Too many people are signing in, try again", soon}},
	{auth.ErrUnauthenticated, Problem{http.StatusUnauthorized, "unauthenticated", "Authentication failed", 0}},

	{chat.ErrContentSize, Problem{http.StatusBadRequest, "bad-content", "A message has 1 byte to 16 KiB of content", 0}},
	{chat.ErrContentText, Problem{http.StatusBadRequest, "bad-content", "A message is valid UTF-8 text without NUL", 0}},
	{chat.ErrType, Problem{http.StatusBadRequest, "bad-content", "That is no type of message that people send", 0}},
	{chat.ErrAttachment, Problem{http.StatusBadRequest, "bad-content", "An attachment has at most 8 KiB of valid UTF-8 text without NUL", 0}},
	{chat.ErrBlocked, Problem{http.StatusForbidden, "blocked", "This chat is blocked", 0}},
	{chat.ErrClientID, Problem{http.StatusBadRequest, "bad-input", "A ClientId has at most 64 characters", 0}},
	{chat.ErrPage, Problem{http.StatusBadRequest, "bad-input", "A page has a positive Limit, and Before or After, not both", 0}},
	{chat.ErrSeq, Problem{http.StatusBadRequest, "bad-input", "A Seq is not negative", 0}},
	{chat.ErrNotMember, Problem{http.StatusNotFound, "no-such-chat", "There is no such chat", 0}},
	{chat.ErrNoUser, Problem{http.StatusNotFound, "no-such-user", "There is no such user", 0}},
	{chat.ErrOneself, Problem{http.StatusBadRequest, "oneself", "That is you: use your own chat", 0}},
	{chat.ErrBusy, Problem{http.StatusServiceUnavailable, "busy", "Too much is going on, try again", soon}},
	{chat.ErrUnavailable, Problem{http.StatusServiceUnavailable, "unavailable", "The database does not answer, try again", soon}},

	{push.ErrSubscription, Problem{http.StatusBadRequest, "bad-input", "That is no subscription to a push service", 0}},

	{groups.ErrNotFound, Problem{http.StatusNotFound, "no-such-chat", "There is no such chat", 0}},
	{groups.ErrNotAllowed, Problem{http.StatusForbidden, "not-allowed", "Your role in the group does not allow that", 0}},
	{groups.ErrNoUser, Problem{http.StatusNotFound, "no-such-user", "There is no such user", 0}},
	{groups.ErrAlreadyMember, Problem{http.StatusConflict, "already-member", "They are in the group already", 0}},
	{groups.ErrNotMember, Problem{http.StatusNotFound, "not-a-member", "They are not in the group", 0}},
	{groups.ErrFull, Problem{http.StatusConflict, "group-full", "The group is full", 0}},
	{groups.ErrSameRole, Problem{http.StatusConflict, "same-role", "That is their role already", 0}},
	{groups.ErrOwnerStays, Problem{http.StatusConflict, "owner-stays", "Make someone else admin before you leave", 0}},
	{groups.ErrOneself, Problem{http.StatusBadRequest, "oneself", "You can't do that to yourself", 0}},
	{groups.ErrBadName, Problem{http.StatusBadRequest, "bad-name", "A group's name has 1 to 64 characters", 0}},
	{groups.ErrBadDescription, Problem{http.StatusBadRequest, "bad-description", "A description has at most 1 KiB", 0}},

	{media.ErrTooLarge, Problem{http.StatusRequestEntityTooLarge, "too-large", "The file is too large", 0}},
	{media.ErrQuota, Problem{http.StatusForbidden, "quota", "There is no room left for your files", 0}},
	{media.ErrType, Problem{http.StatusBadRequest, "bad-type", "The file is not what it is said to be", 0}},
	{media.ErrPicture, Problem{http.StatusBadRequest, "bad-picture", "The picture can't be read, or has too many pixels", 0}},
	{media.ErrNoFile, Problem{http.StatusNotFound, "no-file", "There is no such file", 0}},
	{media.ErrBody, Problem{http.StatusBadRequest, "bad-body", "The file broke off on its way here", 0}},
	{media.ErrBusy, Problem{http.StatusTooManyRequests, "busy", "Too many of your files are under way, try again", soon}},
	{media.ErrUnavailable, Problem{http.StatusServiceUnavailable, "unavailable", "Files can't be stored or read now, try again", soon}},

	{context.DeadlineExceeded, Problem{http.StatusServiceUnavailable, "busy", "That took too long, try again", soon}},
	{context.Canceled, Problem{http.StatusServiceUnavailable, "busy", "The server is stopping, try again", soon}},
}

// Of finds what a client is told about err. Known is false for what has to be logged.
func Of(err error) (p Problem, known bool) {
	for _, row := range table {
		if !errors.Is(err, row.err) {
			continue
		}
		p = row.p
		var late *limits.RateError // which knows how long it takes
		if errors.As(err, &late) {
			p.RetryAfter = late.RetryAfter()
		}
		return p, true
	}
	return Internal, false
}
