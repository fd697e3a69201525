package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// appMessage is a message as VChat's door shows it.
type appMessage struct {
	ID        string `json:"_id"`
	RoomID    string `json:"roomId"`
	SenderID  string `json:"senderId"`
	Content   string `json:"content"`
	Type      string `json:"messageType"`
	CreatedAt int64  `json:"createdAt"`
}

// stretch are messages of one chat that follow one another without a gap, oldest first.
type stretch struct {
	chat string
	all  []appMessage
}

// stretchOf reads a list of messages, newest first, as pages and all_messages are.
func stretchOf(chat string, data any) (stretch, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return stretch{}, err
	}
	var list []appMessage
	if err := json.Unmarshal(text, &list); err != nil || list == nil {
		return stretch{}, fmt.Errorf("%w: no list of messages: %.100s", errOracle, text)
	}
	s := stretch{chat: chat}
	for _, m := range slices.Backward(list) {
		if err := s.add(m); err != nil {
			return stretch{}, fmt.Errorf("%w: %w", errOracle, err)
		}
	}
	return s, nil
}

// add takes the next message in. The client sorts by id as text, so this has to be the order
// in which things come, and that of time.
func (s *stretch) add(m appMessage) error {
	if m.RoomID != s.chat {
		return fmt.Errorf("%+v came in chat %s", m, s.chat)
	}
	if last := s.last(); m.ID <= last.ID || m.CreatedAt < last.CreatedAt {
		return fmt.Errorf("%+v came after %+v", m, last)
	}
	s.all = append(s.all, m)
	return nil
}

// last is the newest message, or none.
func (s *stretch) last() appMessage {
	if len(s.all) == 0 {
		return appMessage{}
	}
	return s.all[len(s.all)-1]
}

// isPartOf checks a stretch against all that is stored of its chat.
func (s *stretch) isPartOf(t *testing.T, who *user, stored []appMessage) {
	t.Helper()
	if len(s.all) == 0 {
		return
	}
	from := slices.IndexFunc(stored, func(m appMessage) bool { return m.ID == s.all[0].ID })
	if from < 0 || len(stored) < from+len(s.all) {
		t.Errorf("%s has seen %d messages of chat %s from %+v on, which is at %d of %d", who.name, len(s.all), s.chat, s.all[0], from, len(stored))
		return
	}
	for i, m := range s.all {
		if m != stored[from+i] {
			t.Errorf("%s has seen %+v in chat %s, where %+v is stored", who.name, m, s.chat, stored[from+i])
			return
		}
	}
}

// isSame tells whether both doors show the same message.
func (m appMessage) isSame(t *testing.T, other message) bool {
	t.Helper()
	at, err := time.Parse(time.RFC3339, other.Timestamp)
	if err != nil {
		t.Fatal(err)
	}
	return m.ID == other.ID && m.Content == other.Content && m.SenderID == other.SenderID && m.CreatedAt == at.UnixMilli()
}
