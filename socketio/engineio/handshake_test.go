package engineio_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"expresschat/socketio/engineio"
)

// "The server must respond with an open packet": which says all this and nothing else.
func checkOpen(t *testing.T, packet string, upgrades ...any) {
	t.Helper()
	var got map[string]any
	if packet == "" || packet[0] != '0' || json.Unmarshal([]byte(packet[1:]), &got) != nil {
		t.Fatalf("open packet: %q", packet)
	}
	sid, _ := got["sid"].(string)
	if len(sid) != 20 {
		t.Errorf("sid %q", sid)
	}
	delete(got, "sid")
	want := map[string]any{
		"upgrades": append([]any{}, upgrades...), "pingInterval": 300.0, "pingTimeout": 200.0, "maxPayload": 1e6,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

var official = engineio.Options{
	PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond, MaxPayload: 1e6,
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	e := start(t, official)
	got := e.do(http.MethodGet, "EIO=4&transport=polling", "")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/plain; charset=UTF-8" ||
		got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%+v", got)
	}
	checkOpen(t, got.body, "websocket")
	checkOpen(t, e.dial("EIO=4").read())
	checkOpen(t, e.dial("EIO=3").read())

	got = e.do(http.MethodGet, "EIO=3&transport=polling&b64=1", "")
	length, packet, _ := strings.Cut(got.body, ":")
	if length != strconv.Itoa(len(packet)) {
		t.Errorf("length %s of %q", length, packet)
	}
	checkOpen(t, packet, "websocket")
}

// Clients of revision 3 ping by themselves, as often as they are told.
func TestHandshakeOfRevision3(t *testing.T) {
	t.Parallel()
	o := official
	o.PingInterval, o.PingTimeout = time.Hour, time.Hour
	o.LegacyPingInterval, o.LegacyPingTimeout = 300*time.Millisecond, 200*time.Millisecond
	e := start(t, o)
	checkOpen(t, e.dial("EIO=3").read())
	if got := e.dial("EIO=4").read(); !strings.Contains(got, `"pingInterval":3600000,"pingTimeout":3600000`) {
		t.Errorf("revision 4 is told %s", got)
	}
}

// Codes and words are those of the original server; clients see them.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	_, ws := e.enter("4")
	p := e.open("4")
	tests := map[string]struct {
		method, query string
		code          int
	}{
		"no transport":                  {"GET", "EIO=4", 0},
		"unknown transport":             {"GET", "EIO=4&transport=abc", 0},
		"property of every object":      {"GET", "EIO=4&transport=constructor", 0},
		"unknown transport, known sid":  {"GET", "EIO=4&transport=abc&sid=" + p.session.ID(), 0},
		"unknown sid":                   {"GET", "EIO=4&transport=polling&sid=test", 1},
		"short sid":                     {"GET", "EIO=4&transport=polling&sid=t", 1},
		"post for an unknown sid":       {"POST", "EIO=4&transport=polling&sid=test", 1},
		"post":                          {"POST", "EIO=4&transport=polling", 2},
		"put":                           {"PUT", "EIO=4&transport=polling", 2},
		"options":                       {"OPTIONS", "EIO=4&transport=polling", 2},
		"delete":                        {"DELETE", "EIO=4&transport=websocket", 2},
		"websocket without upgrade":     {"GET", "EIO=4&transport=websocket", 3},
		"the same with a sid":           {"GET", "EIO=4&transport=websocket&sid=" + p.session.ID(), 3},
		"put with a sid":                {"PUT", p.query, 3},
		"query that is none":            {"GET", "EIO=4&transport=polling&x=%zz", 3},
		"poll of a websocket's session": {"GET", "EIO=4&transport=polling&sid=" + ws.session.ID(), 3},
		"post to a websocket's session": {"POST", "EIO=4&transport=polling&sid=" + ws.session.ID(), 3},
		"no revision":                   {"GET", "transport=polling", 5},
		"revision without a number":     {"GET", "EIO=abc&transport=polling", 5},
		"empty revision":                {"GET", "EIO=&transport=polling", 5},
		"revision 2":                    {"GET", "EIO=2&transport=polling", 5},
		"revision 5":                    {"GET", "EIO=5&transport=polling", 5},
		"revision 44":                   {"GET", "EIO=44&transport=polling", 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, e.do(test.method, test.query, ""), test.code)
		})
	}
}

func TestRefusedWebsockets(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	tests := map[string]struct {
		request string
		code    int
	}{
		"no transport":                     {request("EIO=4"), 0},
		"unknown transport":                {request("EIO=4&transport=abc"), 0},
		"unknown sid":                      {request("EIO=4&transport=websocket&sid=test"), 1},
		"post":                             {strings.Replace(request("EIO=4&transport=websocket"), "GET", "POST", 1), 2},
		"post with a sid":                  {strings.Replace(request("EIO=4&transport=websocket&sid="+p.session.ID()), "GET", "POST", 1), 3},
		"upgrade to polling":               {request("EIO=4&transport=polling"), 3},
		"upgrade to polling with a sid":    {request(p.query), 3},
		"no upgrade in Connection":         {request("EIO=4&transport=websocket", "Connection: keep-alive"), 3},
		"something else in Upgrade":        {request("EIO=4&transport=websocket", "Upgrade: h2c"), 3},
		"no key":                           {request("EIO=4&transport=websocket", "Sec-WebSocket-Key:"), 3},
		"key of 15 bytes":                  {request("EIO=4&transport=websocket", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"), 3},
		"key that is not base64":           {request("EIO=4&transport=websocket", "Sec-WebSocket-Key: !!!!"), 3},
		"HTTP/1.0":                         {strings.Replace(request("EIO=4&transport=websocket"), "HTTP/1.1", "HTTP/1.0", 1), 3},
		"no revision":                      {request("transport=websocket"), 5},
		"revision without a number":        {request("EIO=abc&transport=websocket"), 5},
		"bad key for a session that polls": {request("EIO=4&transport=websocket&sid="+p.session.ID(), "Sec-WebSocket-Key:"), 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := e.connect()
			w.write([]byte(test.request))
			refused(t, w.answer(), test.code)
		})
	}
	for _, version := range []string{"", "8", "14"} {
		w := e.connect()
		w.write([]byte(request("EIO=4&transport=websocket", "Sec-WebSocket-Version:"+version)))
		if got := w.answer(); got.status != http.StatusUpgradeRequired || got.header.Get("Sec-WebSocket-Version") != "13" {
			t.Errorf("version %q: %+v", version, got)
		}
	}
	p.exchange("4still there", "4still there")
	if n := len(e.srv.Sessions()); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// Who may not come in learns that and nothing else.
func TestForbiddenRequests(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{Allow: func(r *http.Request) bool { return r.Header.Get("Origin") == "" }})
	p := e.open("4")
	for _, query := range []string{"EIO=4&transport=polling", "EIO=3&transport=polling", "EIO=5&transport=abc", p.query} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			refused(t, e.do(method, query, "", "Origin", "https://evil.example"), 4)
		}
	}
	for _, query := range []string{"EIO=4", "EIO=3", "EIO=4&sid=" + p.session.ID()} {
		w := e.connect()
		w.write([]byte(request("transport=websocket&"+query, "Origin: https://evil.example")))
		refused(t, w.answer(), 4)
	}
	p.exchange("4still there", "4still there")
	if n := len(e.srv.Sessions()); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// Header fields may be spelled in many ways (RFC 6455, section 4.2.1).
func TestSpellingOfHandshake(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	w := e.connect()
	w.write([]byte(request("EIO=4&transport=websocket", "Connection: keep-alive ,UPGRADE", "Upgrade: foo, WebSocket",
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Sec-WebSocket-Protocol: chat")))
	w.upgraded()
	if open := w.read(); open[0] != '0' {
		t.Error(open)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	p := e.open("4")
	e.srv.Refuse()
	if got := e.do(http.MethodGet, "EIO=4&transport=polling", ""); got.status != http.StatusServiceUnavailable {
		t.Errorf("%+v", got)
	}
	w := e.connect()
	w.write([]byte(request("EIO=4&transport=websocket")))
	if got := w.answer(); got.status != http.StatusServiceUnavailable {
		t.Errorf("%+v", got)
	}
	p.exchange("4still there", "4still there")
}
