package engineio

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"syscall"
)

// wantsWebsocket tells whether r asks for RFC 6455, section 4.1.
func wantsWebsocket(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) && hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket")
}

func hasToken(h http.Header, name, token string) bool {
	for _, line := range h[name] {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// accept makes a websocket of r (section 4.2.2). Extensions, compression among them, are
// declined. begin is what the client has sent behind the request. It answers the request
// and returns nil if it can't.
func (srv *Server) accept(s *Session, w http.ResponseWriter, r *http.Request) (l *link, begin []byte) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if nonce, err := base64.StdEncoding.DecodeString(key); err != nil || len(nonce) != 16 || r.Method != http.MethodGet {
		errBadRequest.answer(w)
		return nil, nil
	}
	if r.Header.Get("Sec-WebSocket-Version") != "13" {
		w.Header().Set("Sec-WebSocket-Version", "13")
		w.WriteHeader(http.StatusUpgradeRequired)
		return nil, nil
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		srv.log.Error("request can't become a websocket", "error", err)
		errBadRequest.answer(w)
		return nil, nil
	}
	owner, ok := conn.(syscall.Conn)
	if !ok {
		srv.log.Error("only plain TCP connections become websockets", "type", fmt.Sprintf("%T", conn))
		_ = conn.Close()
		return nil, nil
	}
	raw, err := owner.SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, nil
	}
	if n := rw.Reader.Buffered(); n > 0 {
		begin, _ = rw.Reader.Peek(n)
		begin = append([]byte(nil), begin...)
	}
	// net/http may have set deadlines for the request.
	_ = conn.SetDeadline(noDeadline)
	l = &link{s: s, conn: conn, raw: raw}
	l.write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + acceptKey(key) + "\r\n\r\n"))
	return l, begin
}

// acceptKey proves to the client that it speaks to a websocket server (section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
