package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestLetter reads a letter as a server does, and an answer to it as the load does.
func TestLetter(t *testing.T) {
	t.Parallel()
	l := newLetter(Group, "the-group")
	for _, n := range []int{0, 7, 123_456, 899_999_999, 3} {
		l.numbered(n)
		packet := string(l.packet)
		ack, body, ok := strings.Cut(packet, "[")
		var event []json.RawMessage
		var message struct{ GroupID, Content string }
		if err := json.Unmarshal([]byte("["+body), &event); !ok || err != nil || len(event) != 2 {
			t.Fatalf("%s: %v", packet, err)
		}
		if err := json.Unmarshal(event[1], &message); err != nil {
			t.Fatal(err)
		}
		if ack != fmt.Sprintf("42%d", first+n) || string(event[0]) != `"send-group-message"` ||
			message.GroupID != "the-group" || len(message.Content) != contentLen {
			t.Errorf("the %d-th: %s", n, packet)
		}
		if got, err := readAck(fmt.Appendf(nil, `43%d[{"success":true,"Seq":9}]`, first+n)); got != n || err != nil {
			t.Errorf("ack of the %d-th: %d, %v", n, got, err)
		}
		delivery := fmt.Appendf(nil, `42["receive-group-message",{"Seq":17,"Content":%q,"Sender":"x"}]`, message.Content)
		if got, seq, err := readDelivery(delivery); got != n || seq != 17 || err != nil {
			t.Errorf("delivery of the %d-th: %d at %d, %v", n, got, seq, err)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	content := fmt.Sprint(first) + strings.Repeat("x", contentLen)
	for name, packet := range map[string]string{
		"refused":        `43100000001[{"success":false,"code":"busy"}]`,
		"short":          `4310`,
		"no number":      `4310000000x[{"success":true}]`,
		"an empty event": `42["receive-group-message",{}]`,
		"no place":       `42["receive-group-message",{"Content":"` + content + `"}]`,
		"another text":   `42["receive-group-message",{"Seq":1,"Content":"` + strings.Repeat("x", 300) + `"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			if strings.HasPrefix(packet, "43") {
				_, err = readAck([]byte(packet))
			} else {
				_, _, err = readDelivery([]byte(packet))
			}
			if !errors.Is(err, ErrAnswer) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestIsEvent(t *testing.T) {
	t.Parallel()
	for packet, want := range map[string]bool{
		`42["lists",{}]`: true, `42["lists"]`: true, `42["lists-2",{}]`: false, `42["list`: false,
		`421["lists"]`: false, `43["lists"]`: false, "": false,
	} {
		if got := isEvent([]byte(packet), "lists"); got != want {
			t.Errorf("%s: %v", packet, got)
		}
	}
}

// TestSchedule has a clock that stands still for a while: what was due meanwhile keeps
// its time.
func TestSchedule(t *testing.T) {
	t.Parallel()
	begin := time.Unix(1000, 0)
	s := newSchedule(begin, 100)
	for _, step := range []struct {
		after    time.Duration
		from, to int
	}{
		{0, 0, 1},
		{9 * time.Millisecond, 1, 1},
		{10 * time.Millisecond, 1, 2},
		{time.Second, 2, 101},
		{time.Second, 101, 101},
	} {
		if from, to := s.until(begin.Add(step.after)); from != step.from || to != step.to {
			t.Errorf("after %s: %d to %d, want %d to %d", step.after, from, to, step.from, step.to)
		}
	}
	if got := s.due(50); !got.Equal(begin.Add(500 * time.Millisecond)) {
		t.Errorf("the 50th is due %s after the beginning", got.Sub(begin))
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	var r Result
	if got := r.Quantile(0.5); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
	for i := range 100 {
		r.Waits = append(r.Waits, time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0: 0, 0.5: 50, 0.99: 99, 1: 99} {
		if got := r.Quantile(q); got != want {
			t.Errorf("%v: %d, want %d", q, got, want)
		}
	}
}
