package fcm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"expresschat/bus"
	"expresschat/push"
)

// maxPayload bounds what FCM takes of a message's notification and data, in bytes.
const maxPayload = 4096

// bareBody is what an app shows where no content may be sent: an empty one shows nothing.
const bareBody = "New message"

// request is the body of projects.messages.send, as far as it is used here.
type request struct {
	Message message `json:"message"`
}

type message struct {
	Token        string       `json:"token"`
	Notification notification `json:"notification"`
	Data         data         `json:"data"`
	Android      android      `json:"android"`
	APNS         apns         `json:"apns"`
}

type notification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

type data struct {
	RoomID  bus.RoomID `json:"roomId"`
	Message string     `json:"message"`
}

type android struct {
	Priority string `json:"priority"`
	TTL      string `json:"ttl"`
}

type apns struct {
	Headers map[string]string `json:"headers"`
	Payload apnsPayload       `json:"payload"`
}

type apnsPayload struct {
	APS struct {
		Sound string `json:"sound"`
	} `json:"aps"`
}

func (s *Sender) message(d push.Device, n push.Notification) message {
	m := message{
		Token: d.Token, Notification: notification{n.Title, n.Body},
		Android: android{Priority: "high", TTL: fmt.Sprintf("%ds", max(0, int(time.Until(n.Until).Seconds())))},
		APNS:    apns{Headers: map[string]string{"apns-priority": "10", "apns-expiration": strconv.FormatInt(n.Until.Unix(), 10)}},
	}
	if n.Body == "" {
		m.Notification.Body = bareBody
	}
	m.APNS.Payload.APS.Sound = "default"
	m.Data.RoomID = n.Message.Room
	used, _ := json.Marshal(m) // fails for no type of this file
	m.Data.Message = s.fit(n.Message, maxPayload-len(used)+len(d.Token))
	return m
}

// fit renders a message in at most so many bytes, as they stand in the request: what it
// says is cut, and an attachment left out that would not fit without any of that.
func (s *Sender) fit(m push.Message, most int) string {
	fits := func(bytes int) bool {
		part := m
		part.Content = whole(m.Content[:bytes])
		return escaped(s.render(part)) <= most
	}
	if fits(len(m.Content)) {
		return s.render(m)
	}
	if !fits(0) {
		m.Attachment, m.Type = nil, bus.Text
	}
	// What is longer by a byte is longer as a whole.
	kept := sort.Search(len(m.Content), func(bytes int) bool { return !fits(bytes + 1) })
	m.Content = whole(m.Content[:kept])
	return s.render(m)
}

// escaped is how long a text is as a JSON string.
func escaped(s string) int {
	text, _ := json.Marshal(s) // fails for no string
	return len(text)
}

// whole takes off what is left of a character that was cut in two.
func whole(s string) string {
	for len(s) > 0 {
		if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

// failure is what an answer says that is none of success (google.rpc.Status).
func (s *Sender) failure(answer *http.Response, text []byte) error {
	var said struct {
		Error struct {
			Status  string `json:"status"`
			Details []struct {
				Code       string `json:"errorCode"`
				Violations []struct {
					Field string `json:"field"`
				} `json:"fieldViolations"`
				Quotas []struct {
					Subject     string `json:"subject"`
					Description string `json:"description"`
				} `json:"violations"`
			} `json:"details"`
		} `json:"error"`
	}
	_ = json.Unmarshal(text, &said) // or else the status has to do
	code, ofDevice := "", false
	for _, d := range said.Error.Details {
		if d.Code != "" {
			code = d.Code
		}
		for _, v := range d.Violations {
			if v.Field == "message.token" {
				return push.ErrGone
			}
		}
		for _, q := range d.Quotas {
			ofDevice = ofDevice || strings.Contains(strings.ToLower(q.Subject+" "+q.Description), "device")
		}
	}
	status := answer.StatusCode
	switch {
	case code == "UNREGISTERED", code == "SENDER_ID_MISMATCH":
		return push.ErrGone
	case status == http.StatusNotFound && said.Error.Status == "NOT_FOUND":
		return push.ErrGone
	case status == http.StatusUnauthorized && code == "":
		s.renew(time.Now())
		return push.Delayed(retryAfter(answer), "FCM took the token for none: status 401")
	case status == http.StatusBadRequest:
		return fmt.Errorf("%w: status 400 %s", push.ErrRefused, known(code))
	}
	if ofDevice { // somebody who is written to too often is nobody else's affair
		return push.Delayed(retryAfter(answer), "FCM answered status %d %s of a device", status, known(code))
	}
	// What is the operator's to see to, a right that is missing, say, may be seen to today.
	return overloaded(answer, "FCM answered status %d %s", status, known(code))
}

// defaultPause is how long FCM wants to be left alone where a 429 does not say.
const defaultPause = time.Minute

// retryAfter is when an answer wants us back.
func retryAfter(answer *http.Response) time.Duration {
	after := push.RetryAfter(answer.Header.Get("Retry-After"))
	if after == 0 && answer.StatusCode == http.StatusTooManyRequests {
		return defaultPause
	}
	return after
}

// overloaded is the error of an answer that goes for the whole project if it is one of too much, or
// of a service that is away.
func overloaded(answer *http.Response, format string, args ...any) error {
	if status := answer.StatusCode; status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		return push.Overloaded(retryAfter(answer), format, args...)
	}
	return push.Delayed(retryAfter(answer), format, args...)
}

// known is a code of FCM's if it is one, for a log.
func known(code string) string {
	switch code {
	case "INVALID_ARGUMENT", "QUOTA_EXCEEDED", "UNAVAILABLE", "INTERNAL", "THIRD_PARTY_AUTH_ERROR", "UNSPECIFIED_ERROR":
		return code
	}
	return ""
}
