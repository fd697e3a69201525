package fcm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"expresschat/bus"
	"expresschat/push"
	"expresschat/push/fcm"
)

var device = push.Device{ID: "d1", Kind: push.FCM, Token: "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1"}

func notice() push.Notification {
	at := time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC)
	return push.Notification{
		Title: "Ana", Body: "Hello", Until: time.Now().Add(push.TTL),
		Message: push.Message{
			ID: "0190f3c2-0000-7000-8000-000000000001", Room: "0190f3c2-0000-7000-8000-00000000000a", Kind: bus.Personal,
			Seq: 7, Type: bus.Text, Content: "Hello", At: at, Sender: "0190f3c2-0000-7000-8000-00000000000b", SenderName: "Ana",
		},
	}
}

func TestAMessageIsWhatFCMTakes(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	s, n := g.sender(), notice()
	for range 3 {
		if err := s.Send(t.Context(), device, n); err != nil {
			t.Fatal(err)
		}
	}
	if g.tokens != 1 {
		t.Errorf("%d tokens for three messages", g.tokens)
	}
	m := g.last()
	if m.Token != device.Token || m.Notification.Title != "Ana" || m.Notification.Body != "Hello" || m.Topic+m.Condition != "" {
		t.Errorf("sent %+v", m)
	}
	ttl, err := strconv.Atoi(strings.TrimSuffix(m.Android.TTL, "s"))
	if m.Android.Priority != "high" || err != nil || ttl < 86300 || ttl > 86400 || m.APNS.Headers["apns-priority"] != "10" {
		t.Errorf("sent %+v %+v", m.Android, m.APNS)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(m.Data["message"]), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"_id": string(n.Message.ID), "content": "Hello", "senderId": string(n.Message.Sender), "senderName": "Ana",
		"senderImageThumb": "default_user_image.png", "roomId": string(n.Message.Room), "messageType": "text",
		"messageAttachment": nil, "createdAt": float64(n.Message.At.UnixMilli()),
	}
	if !reflect.DeepEqual(got, want) || m.Data["roomId"] != string(n.Message.Room) || len(m.Data) != 2 {
		t.Errorf("data %v", m.Data)
	}
}

// Nothing leaves an app without words: an empty body shows nothing there.
func TestWithoutContentAnAppSaysThatThereIsSomething(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	n := notice()
	n.Title, n.Body, n.Message.Content, n.Message.SenderName = "ExpressChat", "", "", ""
	if err := g.sender().Send(t.Context(), device, n); err != nil {
		t.Fatal(err)
	}
	if m := g.last(); m.Notification.Title != "ExpressChat" || m.Notification.Body != "New message" || !json.Valid([]byte(m.Data["message"])) {
		t.Errorf("sent %+v", m)
	}
}

func TestWhatIsSentFits(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	s := g.sender()
	long := strings.Repeat("x", 7000)
	for name, tt := range map[string]struct {
		content    string
		attachment *bus.Attachment
		kept       int // bytes of the content, at least
	}{
		"letters":                 {strings.Repeat("a", 16<<10), nil, 2750},
		"what is escaped twice":   {strings.Repeat(`"\`, 8<<10), nil, 700},
		"what is escaped as HTML": {strings.Repeat(`<`, 16<<10), nil, 400},
		"characters of 4 bytes":   {strings.Repeat("😀", 4<<10), nil, 2750},
		"of 3 bytes, and odd":     {"a" + strings.Repeat("€", 5000), nil, 2750},
		"a long attachment":       {"Hello", &bus.Attachment{LinkText: &long}, 5},
		"a short attachment":      {strings.Repeat("a", 16<<10), &bus.Attachment{File: &device.Token}, 2500},
		"a text that fits":        {strings.Repeat("a", 2000), nil, 2000},
	} {
		n := notice()
		n.Message.Content, n.Message.Attachment = tt.content, tt.attachment
		n.Title, n.Body = strings.Repeat("t", 64), strings.Repeat("€", 200)
		if err := s.Send(t.Context(), device, n); err != nil {
			t.Fatal(err)
		}
		m := g.last()
		size := len(m.Notification.Title) + len(m.Notification.Body)
		for k, v := range m.Data {
			size += len(k) + len(v)
		}
		var got struct{ Content, MessageType string }
		err := json.Unmarshal([]byte(m.Data["message"]), &got)
		if err != nil || size > 4096 || !strings.HasPrefix(tt.content, got.Content) || !utf8.ValidString(got.Content) || len(got.Content) < tt.kept {
			t.Errorf("%s: %d bytes, %d of content: %v", name, size, len(got.Content), err)
		}
	}
}

// errorOf is what FCM answers with, of a code and maybe a field.
func errorOf(status int, word, code, field string) string {
	details := []string{}
	if code != "" {
		details = append(details, `{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "`+code+`"}`)
	}
	if field != "" {
		details = append(details, `{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "`+field+`", "description": "bk3RNwTe3H0 is bad"}]}`)
	}
	return fmt.Sprintf(`{"error": {"code": %d, "message": "about bk3RNwTe3H0", "status": "%s", "details": [%s]}}`, status, word, strings.Join(details, ","))
}

// quotaOf is what FCM answers where there was too much of something (google.rpc.QuotaFailure).
func quotaOf(subject string) string {
	return fmt.Sprintf(`{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
		{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "QUOTA_EXCEEDED"},
		{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"subject": %q, "description": ""}]}]}}`, subject)
}

func TestWhatFCMAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer answer
		want   error // nil: try again
		after  time.Duration
		all    bool // of the project
	}{
		"an app that is gone":      {answer{404, "", errorOf(404, "NOT_FOUND", "UNREGISTERED", "")}, push.ErrGone, 0, false},
		"not found":                {answer{404, "", errorOf(404, "NOT_FOUND", "", "")}, push.ErrGone, 0, false},
		"no such path":             {answer{404, "", "<html>"}, nil, 0, false},
		"no token of theirs":       {answer{400, "", errorOf(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token")}, push.ErrGone, 0, false},
		"another project's":        {answer{403, "", errorOf(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "")}, push.ErrGone, 0, false},
		"a message that is none":   {answer{400, "", errorOf(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data")}, push.ErrRefused, 0, false},
		"too much":                 {answer{429, "37", errorOf(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "")}, nil, 37 * time.Second, true},
		"overloaded":               {answer{503, "120", errorOf(503, "UNAVAILABLE", "UNAVAILABLE", "")}, nil, 2 * time.Minute, true},
		"until a date":             {answer{503, time.Now().Add(time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), ""}, nil, 59 * time.Minute, true},
		"too much, for how long":   {answer{429, "", errorOf(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "")}, nil, time.Minute, true},
		"too much for one":         {answer{429, "37", quotaOf("device:bk3RNwTe3H0")}, nil, 37 * time.Second, false},
		"for one, for how long":    {answer{429, "", quotaOf("Device message rate exceeded")}, nil, time.Minute, false},
		"too much for a project":   {answer{429, "37", quotaOf("project:demo")}, nil, 37 * time.Second, true},
		"away, for how long":       {answer{503, "", ""}, nil, 0, true},
		"broken":                   {answer{500, "", "<html>"}, nil, 0, true},
		"no certificate for Apple": {answer{401, "", errorOf(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "")}, nil, 0, false},
		"an account without right": {answer{403, "", errorOf(403, "PERMISSION_DENIED", "", "")}, nil, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGoogle(t)
			g.answer(tt.answer)
			err := g.sender().Send(t.Context(), device, notice())
			var delay *push.DelayError
			switch {
			case tt.want != nil && !errors.Is(err, tt.want):
				t.Errorf("%v, want %v", err, tt.want)
			case tt.want == nil && (!errors.As(err, &delay) || delay.After < tt.after || delay.After > tt.after+2*time.Minute || delay.Service != tt.all):
				t.Errorf("%+v, want it tried again after %v, of the project: %v", err, tt.after, tt.all)
			case strings.Contains(err.Error(), "bk3R") || strings.Contains(err.Error(), "127.0.0.1"):
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// A token that FCM takes no more, before its time, is asked for anew.
func TestATokenThatIsRefusedIsRenewed(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	s := g.sender()
	s.Age(2 * time.Minute)
	g.answer(answer{401, "", errorOf(401, "UNAUTHENTICATED", "", "")})
	if err := s.Send(t.Context(), device, notice()); err == nil {
		t.Error("a refusal passes for success")
	}
	if err := s.Send(t.Context(), device, notice()); err != nil || g.tokens != 2 {
		t.Errorf("%d tokens, %v", g.tokens, err)
	}
}

func TestCredentialsThatAreRefusedLaterAreTriedAgain(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	g.refuse = http.StatusBadRequest
	s := g.sender()
	var delay *push.DelayError
	err := s.Send(t.Context(), device, notice())
	if !errors.As(err, &delay) || delay.Service || strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "127") {
		t.Errorf("%v", err)
	}
	g.refused(http.StatusServiceUnavailable)
	if err := s.Send(t.Context(), device, notice()); !errors.As(err, &delay) || !delay.Service || delay.After != 17*time.Second {
		t.Errorf("%+v, want all left alone for 17 s", err)
	}
	g.refused(0)
	if err := s.Send(t.Context(), device, notice()); err != nil {
		t.Error(err)
	}
}

func TestFCMThatIsAway(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	s := g.sender()
	if err := s.Send(t.Context(), device, notice()); err != nil { // the token is there
		t.Fatal(err)
	}
	g.Close()
	var delay *push.DelayError
	err := s.Send(t.Context(), device, notice())
	if !errors.As(err, &delay) || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("%v", err)
	}
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(cut, device, notice()); !errors.As(err, &delay) {
		t.Errorf("%v", err)
	}
}

func TestCredentialsThatAreNone(t *testing.T) {
	t.Parallel()
	g := newGoogle(t)
	for name, tt := range map[string]struct {
		text []byte
		url  string
	}{
		"no JSON":                 {[]byte("{"), ""},
		"of a person":             {g.credentials(func(f map[string]string) { f["type"] = "authorized_user" }), ""},
		"without a project":       {g.credentials(func(f map[string]string) { delete(f, "project_id") }), ""},
		"without an account":      {g.credentials(func(f map[string]string) { delete(f, "client_email") }), ""},
		"without a key":           {g.credentials(func(f map[string]string) { delete(f, "private_key") }), ""},
		"with half a key":         {g.credentials(func(f map[string]string) { f["private_key"] = f["private_key"][:200] }), ""},
		"without where to ask":    {g.credentials(func(f map[string]string) { delete(f, "token_uri") }), ""},
		"asking without TLS":      {g.credentials(func(f map[string]string) { f["token_uri"] = "http://example.org/token" }), ""},
		"sending without TLS":     {g.credentials(), "http://example.org"},
		"sending to nowhere":      {g.credentials(), "fcm.googleapis.com"},
		"sending with a password": {g.credentials(), "https://a:b@example.org"},
	} {
		if _, err := fcm.New(fcm.Options{Credentials: tt.text, URL: tt.url}); err == nil || strings.Contains(err.Error(), accountEmail) || strings.Contains(err.Error(), "BEGIN") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
