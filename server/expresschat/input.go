package expresschat

import (
	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/server/problem"
)

// What clients send, by event. Keys that a client leaves out are zero values; keys that
// are not listed are ignored, because a name or a partner is never the client's to say.

// roomInput names a room. The Android client says ChatId where the web client says
// GroupId, so either key is taken for both.
type roomInput struct {
	ChatID  string `json:"ChatId"`
	GroupID string `json:"GroupId"`
}

// chat is the id that was given. One that can't be an id is answered like one that is
// unknown.
func (in roomInput) chat() (bus.RoomID, error) {
	s := in.GroupID
	if s == "" {
		s = in.ChatID
	}
	if s == "" {
		return "", problem.ErrBadInput
	}
	id, err := bus.ParseRoomID(s)
	if err != nil {
		return "", chat.ErrNotMember
	}
	return id, nil
}

// user parses the id of somebody else.
func user(s string) (auth.UserID, error) {
	if s == "" {
		return "", problem.ErrBadInput
	}
	id, err := auth.ParseUserID(s)
	if err != nil {
		return "", groups.ErrNoUser
	}
	return id, nil
}

type searchInput struct {
	Name string `json:"Name"`
	Type string `json:"Type"`
}

type pageInput struct {
	Limit  int    `json:"Limit"`
	Before int64  `json:"Before"`
	After  *int64 `json:"After"`
}

func (in pageInput) page() chat.Page {
	p := chat.Page{Limit: in.Limit, Before: in.Before}
	if in.After != nil {
		p.After, p.FromStart = *in.After, true
	}
	return p
}

type fetchInput struct {
	roomInput
	pageInput
}

type sendInput struct {
	roomInput
	Content  string `json:"Content"`
	ClientID string `json:"ClientId"`
	Upload   string `json:"Upload"` // the id of a file that was uploaded; empty for none
}

type readInput struct {
	roomInput
	Seq int64 `json:"Seq"`
}

type receiverInput struct {
	Receiver string `json:"Receiver"`
}

type createGroupInput struct {
	Name         string   `json:"Name"`
	Description  string   `json:"Description"`
	Participants []string `json:"Participants"`
}

type memberInput struct {
	roomInput
	Member string `json:"Member"`
}

type typingInput struct {
	roomInput
	Status string `json:"Status"`
}

type nameInput struct {
	Name string `json:"Name"`
}
