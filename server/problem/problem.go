// Package problem is the one table from domain error to what a client is told: an HTTP
// status, a code that programs compare, and a text that people read. Every door uses
// it. What the table does not list is "internal", and the operator's to look at.
package problem

import (
	"context"
	"errors"
	"net/http"

	"expresschat/auth"
	"expresschat/chat"
	"expresschat/groups"
)

// Problem is an error as a client sees it.
type Problem struct {
	Status int    // of an HTTP answer
	Code   string // stable, lower case with hyphens
	Text   string
}

// ErrBadInput is the error of input whose shape a door can't use, whatever it means.
var ErrBadInput = errors.New("the request has another shape than expected")

// Internal is what a client hears of errors that are not its business.
var Internal = Problem{Status: http.StatusInternalServerError, Code: "internal", Text: "Something went wrong on our side"}

var table = []struct {
	err error
	p   Problem
}{
	{ErrBadInput, Problem{http.StatusBadRequest, "bad-input", "The request has another shape than expected"}},
	{auth.ErrBadID, Problem{http.StatusBadRequest, "bad-input", "That is not an id"}},

	{auth.ErrBadEmail, Problem{http.StatusBadRequest, "bad-email", "That is not an email address"}},
	{auth.ErrBadName, Problem{http.StatusBadRequest, "bad-name", "A name has 1 to 64 characters"}},
	{auth.ErrBadPassword, Problem{http.StatusBadRequest, "bad-password", "A password has 8 to 256 characters"}},
	{auth.ErrEmailTaken, Problem{http.StatusNotFound, "email-taken", "There is an account with this email already"}},
	{auth.ErrNoUser, Problem{http.StatusNotFound, "no-such-user", "There is no such user"}},
	{auth.ErrWrongPassword, Problem{http.StatusOK, "wrong-password", "Wrong password"}},
	{auth.ErrNotVerified, Problem{http.StatusNotFound, "not-verified", "This email is not verified yet"}},
	{auth.ErrAlreadyVerified, Problem{http.StatusNotFound, "already-verified", "This email is verified already"}},
	{auth.ErrBadCode, Problem{http.StatusBadRequest, "bad-code", "This code is wrong or has expired"}},
	{auth.ErrUnauthenticated, Problem{http.StatusUnauthorized, "unauthenticated", "Authentication failed"}},

	{chat.ErrContentSize, Problem{http.StatusBadRequest, "bad-content", "A message has 1 byte to 16 KiB of content"}},
	{chat.ErrContentText, Problem{http.StatusBadRequest, "bad-content", "A message is valid UTF-8 text without NUL"}},
	{chat.ErrClientID, Problem{http.StatusBadRequest, "bad-input", "A ClientId has at most 64 characters"}},
	{chat.ErrPage, Problem{http.StatusBadRequest, "bad-input", "A page has a positive Limit, and Before or After, not both"}},
	{chat.ErrSeq, Problem{http.StatusBadRequest, "bad-input", "A Seq is not negative"}},
	{chat.ErrNotMember, Problem{http.StatusNotFound, "no-such-chat", "There is no such chat"}},
	{chat.ErrNoUser, Problem{http.StatusNotFound, "no-such-user", "There is no such user"}},
	{chat.ErrOneself, Problem{http.StatusBadRequest, "oneself", "That is you: use your own chat"}},
	{chat.ErrBusy, Problem{http.StatusServiceUnavailable, "busy", "Too much is going on, try again"}},
	{chat.ErrUnavailable, Problem{http.StatusServiceUnavailable, "unavailable", "The database does not answer, try again"}},

	{groups.ErrNotFound, Problem{http.StatusNotFound, "no-such-chat", "There is no such chat"}},
	{groups.ErrNotAllowed, Problem{http.StatusForbidden, "not-allowed", "Your role in the group does not allow that"}},
	{groups.ErrNoUser, Problem{http.StatusNotFound, "no-such-user", "There is no such user"}},
	{groups.ErrAlreadyMember, Problem{http.StatusConflict, "already-member", "They are in the group already"}},
	{groups.ErrNotMember, Problem{http.StatusNotFound, "not-a-member", "They are not in the group"}},
	{groups.ErrFull, Problem{http.StatusConflict, "group-full", "The group is full"}},
	{groups.ErrOwnerStays, Problem{http.StatusConflict, "owner-stays", "Make someone else admin before you leave"}},
	{groups.ErrOneself, Problem{http.StatusBadRequest, "oneself", "You can't do that to yourself"}},
	{groups.ErrBadName, Problem{http.StatusBadRequest, "bad-name", "A group's name has 1 to 64 characters"}},
	{groups.ErrBadDescription, Problem{http.StatusBadRequest, "bad-description", "A description has at most 1 KiB"}},

	{context.DeadlineExceeded, Problem{http.StatusServiceUnavailable, "busy", "That took too long, try again"}},
	{context.Canceled, Problem{http.StatusServiceUnavailable, "busy", "The server is stopping, try again"}},
}

// Of finds what a client is told about err. Known is false for what has to be logged.
func Of(err error) (p Problem, known bool) {
	for _, row := range table {
		if errors.Is(err, row.err) {
			return row.p, true
		}
	}
	return Internal, false
}
