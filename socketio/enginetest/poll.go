package enginetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// poller is a client over long polling.
type poller struct {
	t      *testing.T
	ctx    context.Context
	http   *http.Client
	url    string // with the session's id
	id     string
	header http.Header // of the last response
	queue  []string
	legacy bool // revision 3
}

// poll makes the handshake of a polling client.
func (s *server) poll(query string) *poller {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	transport := &http.Transport{}
	s.t.Cleanup(transport.CloseIdleConnections)
	p := &poller{t: s.t, ctx: ctx, http: &http.Client{Transport: transport}, url: s.address("transport=polling&" + query)}
	p.legacy = strings.Contains(query, "EIO=3")
	open, ok := strings.CutPrefix(p.next(), "0")
	var greeting struct{ SID string }
	if err := json.Unmarshal([]byte(open), &greeting); !ok || err != nil {
		s.t.Fatalf("open packet: %q %v", open, err)
	}
	p.id = greeting.SID
	p.url += "&sid=" + greeting.SID
	return p
}

func (p *poller) do(method, body string) (status int, answer string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		p.t.Errorf("%s: %v", method, err)
		return 0, ""
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Errorf("%s: %v", method, err)
	}
	if method == http.MethodGet {
		p.header = resp.Header
	}
	return resp.StatusCode, string(data)
}

// post sends packets and returns the status.
func (p *poller) post(packets ...string) int {
	p.t.Helper()
	status, _ := p.do(http.MethodPost, p.body(packets))
	return status
}

// body puts packets, which may be malformed, into a body.
func (p *poller) body(packets []string) string {
	parts := make([]string, len(packets))
	for i, packet := range packets {
		if data, ok := strings.CutPrefix(packet, bytesMark); ok {
			packet = p.base64Mark() + base64.StdEncoding.EncodeToString([]byte(data))
		}
		if p.legacy {
			packet = fmt.Sprint(len(utf16.Encode([]rune(packet))), ":", packet)
		}
		parts[i] = packet
	}
	return strings.Join(parts, p.separator())
}

// packets takes a body apart.
func (p *poller) packets(body string) []string {
	p.t.Helper()
	parts := strings.Split(body, "\x1e")
	if p.legacy {
		parts = p.counted(body)
	}
	for i, part := range parts {
		if text, ok := strings.CutPrefix(part, p.base64Mark()); ok {
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				p.t.Fatalf("packet %.200q: %v", part, err)
			}
			parts[i] = bytesMark + string(data)
		}
	}
	return parts
}

// counted takes a body of revision 3 apart, where each packet comes after its length.
func (p *poller) counted(body string) (packets []string) {
	p.t.Helper()
	for body != "" {
		digits, rest, _ := strings.Cut(body, ":")
		n, err := strconv.Atoi(digits)
		units := utf16.Encode([]rune(rest))
		if err != nil || n > len(units) {
			p.t.Fatalf("body %.200q: %v", body, err)
		}
		packets = append(packets, string(utf16.Decode(units[:n])))
		body = string(utf16.Decode(units[n:]))
	}
	return packets
}

func (p *poller) separator() string {
	if p.legacy {
		return ""
	}
	return "\x1e"
}

// base64Mark begins a binary message.
func (p *poller) base64Mark() string {
	if p.legacy {
		return "b4"
	}
	return "b"
}

// send posts packets, which must be taken.
func (p *poller) send(packets ...string) {
	p.t.Helper()
	if status := p.post(packets...); status != http.StatusOK {
		p.t.Fatalf("post: status %d", status)
	}
}

// read returns the next packet, or "end" when the session has ended.
func (p *poller) read() string {
	p.t.Helper()
	if len(p.queue) == 0 {
		status, answer := p.do(http.MethodGet, "")
		if status != http.StatusOK {
			return "end"
		}
		p.queue = p.packets(answer)
	}
	packet := p.queue[0]
	p.queue = p.queue[1:]
	if packet == "1" {
		return "end"
	}
	return packet
}

// next returns the next packet that is no ping or noop; pings are answered.
func (p *poller) next() string {
	p.t.Helper()
	for {
		switch packet := p.read(); packet {
		case "6":
		case "2":
			p.send("3")
		default:
			return packet
		}
	}
}

func (p *poller) expect(packets ...string) {
	p.t.Helper()
	for _, want := range packets {
		if got := p.next(); got != want {
			p.t.Fatalf("got %.200s, want %.200s", got, want)
		}
	}
}

// enter joins the default namespace.
func (p *poller) enter() string { return p.join("/", "") }

// join joins a namespace and returns the socket's id.
func (p *poller) join(namespace, auth string) string {
	p.t.Helper()
	head := "40"
	if namespace != "/" {
		head += namespace + ","
	}
	p.send(head + auth)
	return sid(p.t, p.next(), head)
}

// tcp opens a connection for a request by hand, and says what to ask for there.
func (p *poller) tcp() (conn net.Conn, host, path string) {
	p.t.Helper()
	u, err := url.Parse(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	conn, err = net.Dial("tcp", u.Host)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return conn, u.Host, u.RequestURI()
}
