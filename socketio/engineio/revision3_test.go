package engineio_test

import (
	"net/http"
	"testing"

	"expresschat/socketio/engineio"
)

// Lengths count characters, as JavaScript does; bytes are base64, which all clients read.
func TestRevision3OverPolling(t *testing.T) {
	t.Parallel()
	for _, b64 := range []string{"", "&b64=1"} {
		p := start(t, engineio.Options{}).open("3")
		p.query += b64
		p.exchange("6:4hello", "6:4hello")
		p.exchange("1:4", "1:4")
		p.exchange("4:4€€€4:4ü😀", "4:4€€€4:4ü😀")
		p.exchange("6:4test16:4test26:4test3", "6:4test16:4test26:4test3")
		p.exchange("6:4hello10:b4AQIDBA==", "6:4hello10:b4AQIDBA==")
		p.exchange("1:61:2", "1:3")
	}
}

// Clients post bytes as they are, if a packet of theirs is bytes.
func TestRevision3PostsOctets(t *testing.T) {
	t.Parallel()
	p := start(t, engineio.Options{}).open("3")
	body := "\x00\x06\xff4hello\x01\x04\xff\x04\x01\x02\x03\x00\x04\xff4€"
	got := p.do(http.MethodPost, p.query, body, "Content-Type", "application/octet-stream")
	if got.body != "ok" {
		t.Fatalf("%+v", got)
	}
	p.gets("6:4hello6:b4AQID2:4€")
	got = p.do(http.MethodPost, p.query, "6:4hello", "Content-Type", "application/octet-stream")
	refused(t, got, 3)
	p.peer.ended(t, engineio.ReasonTransport)
	p.gone()
}

func TestRevision3OverWebsocket(t *testing.T) {
	t.Parallel()
	w, p := start(t, engineio.Options{}).enter("3")
	w.send("4hello", "4€ 😀", "6", "b4AQID")
	w.expect("4hello", "4€ 😀", "bytes 04010203")
	w.write(frame(fin|bytes_, "\x04\x00\x01\x02"))
	w.expect("bytes 04000102")
	w.write(frame(fin|bytes_, "\x07"))
	w.expect("close", "EOF")
	p.ended(t, engineio.ReasonTransport)
	if p.session.Revision() != 3 {
		t.Error(p.session.Revision())
	}
}

func TestRevision3InvalidPackets(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	for _, body := range []string{"abc", "", "4hello", "7:4hello", "1:7", "1:0"} {
		p := e.open("3")
		refused(t, p.post(body), 3)
		p.peer.ended(t, engineio.ReasonTransport)
		p.gone()
	}
	for _, text := range []string{"abc", "", "7", "0", "b7"} {
		w, p := e.enter("3")
		w.send(text)
		w.expect("close", "EOF")
		p.ended(t, engineio.ReasonTransport)
	}
}
