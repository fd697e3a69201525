package load

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

const someID = "01900000-0000-7000-8000-000000000007"

// TestPost reads a request as a server does.
func TestPost(t *testing.T) {
	t.Parallel()
	p := newPost("the.token", "the-group")
	for _, n := range []int{0, 123_456, 3} {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(p.numbered(n))))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		var m struct{ Type, RoomID, Content string }
		if err := errors.Join(err, json.Unmarshal(body, &m)); err != nil {
			t.Fatal(err)
		}
		if r.URL.Path != "/api/v1/message/group" || r.Header.Get("Authorization") != "Bearer the.token" ||
			m.Type != "text" || m.RoomID != "the-group" || len(m.Content) != contentLen ||
			!strings.HasPrefix(m.Content, fmt.Sprint(first+n)) {
			t.Errorf("%d: %v, %s", n, r.Header, body)
		}
	}
}

func TestSights(t *testing.T) {
	t.Parallel()
	content := fmt.Sprint(first+42) + strings.Repeat("x", contentLen-digits)
	const otherID = "01900000-0000-7000-8000-000000000001"
	inner := fmt.Sprintf(`{"_id":%q,"content":%q,"roomId":%q}`, someID, content, otherID)
	tests := map[string]struct {
		sight  sight
		packet string
		want   error
	}{
		"a message":         {received, fmt.Sprintf(`42["receive-group-message",{"ChatId":%q,"Id":%q,"Content":%q}]`, otherID, someID, content), nil},
		"a new message":     {newMessage, fmt.Sprintf(`42/message,["new_message",%q]`, inner), nil},
		"one as an object":  {newMessage, fmt.Sprintf(`42/message,["new_message",%s]`, inner), ErrAnswer},
		"another event":     {newMessage, fmt.Sprintf(`42/message,["all_messages",%q]`, inner), ErrAnswer},
		"half an id":        {newMessage, `42/message,["new_message","{\"_id\":\"01900000`, ErrAnswer},
		"another's content": {newMessage, fmt.Sprintf(`42/message,["new_message",%q]`, strings.ReplaceAll(inner, "1000", "some")), ErrAnswer},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, id, err := tt.sight.message([]byte(tt.packet))
			if !errors.Is(err, tt.want) || err == nil && (n != 42 || string(id) != someID) {
				t.Errorf("%d, %s, %v", n, id, err)
			}
		})
	}
	room := fmt.Sprintf(`42["update_one_room",{"_id":%q,"lastMessage":%s}]`, otherID, inner)
	if id, err := updated.idIn([]byte(room)); err != nil || string(id) != someID {
		t.Errorf("%s, %v", id, err)
	}
}

func TestHearer(t *testing.T) {
	t.Parallel()
	type message struct {
		n  int // on two lines
		id string
	}
	tests := map[string]struct {
		come []message
		want error // of the last
	}{
		"in order":                  {[]message{{0, "a"}, {1, "b"}, {2, "c"}, {3, "d"}}, nil},
		"one line is faster":        {[]message{{0, "a"}, {2, "b"}, {4, "c"}, {1, "d"}}, nil},
		"twice":                     {[]message{{0, "a"}, {0, "a"}}, ErrTwice},
		"twice, with another id":    {[]message{{0, "a"}, {0, "b"}}, ErrTwice},
		"one is missing":            {[]message{{0, "a"}, {4, "b"}}, ErrOrder},
		"an id that falls":          {[]message{{0, "b"}, {1, "a"}}, ErrOrder},
		"an id that stays":          {[]message{{0, "b"}, {1, "b"}}, ErrOrder},
		"a number that nobody sent": {[]message{{-1, "a"}}, ErrAnswer},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHearer(2)
			var err error
			for i, m := range tt.come {
				if err != nil {
					t.Fatalf("message %d: %v", i-1, err)
				}
				err = h.arrived(m.n, []byte(m.id))
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestViewer(t *testing.T) {
	t.Parallel()
	v := &viewer{}
	for _, id := range []string{"a", "a", "c"} {
		if err := v.sees([]byte(id)); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.sees([]byte("b")); !errors.Is(err, ErrOrder) {
		t.Errorf("an older one: %v", err)
	}
}
