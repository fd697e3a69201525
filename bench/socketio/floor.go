package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync"

	"expresschat/bench/socketio/load"
)

const floorName = "floor"

// floor writes, for every message, the same bytes to the same sockets, and does nothing
// else. A server costs less only where one write carries several messages. There is one
// room, and what clients say is not decoded but told apart by its first bytes.
type floor struct {
	said []byte // the one frame that it ever sends to the room

	mu    sync.Mutex
	conns []net.Conn // in the room
}

func serveFloor(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	f := &floor{said: serverFrame(load.SaidPacket())}
	var serving sync.WaitGroup
	for {
		conn, err := l.Accept()
		if err != nil {
			serving.Wait()
			return nil
		}
		serving.Go(func() {
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			f.serve(conn)
		})
	}
}

// serve ends with the first error: the floor has only one kind of client, whose end of
// the line says what is wrong.
func (f *floor) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	if _, err := http.ReadRequest(in); err != nil {
		return
	}
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
	if _, err := conn.Write(append([]byte(answer), serverFrame(`0{}`)...)); err != nil {
		return
	}
	for {
		packet, err := readFrame(in)
		if err != nil || f.act(conn, packet) != nil {
			return
		}
	}
}

func (f *floor) act(conn net.Conn, packet []byte) error {
	name, rest, _ := bytes.Cut(packet, []byte(`",{`))
	switch {
	case bytes.HasPrefix(packet, []byte("40{")):
		_, err := conn.Write(serverFrame(`40{}`))
		return err
	case bytes.HasSuffix(name, []byte(`["join`)):
		f.mu.Lock()
		f.conns = append(f.conns, conn)
		f.mu.Unlock()
		room := bytes.Split(rest, []byte{'"'})[3]
		_, err := conn.Write(serverFrame(load.AckPacket(string(room))))
		return err
	case bytes.HasSuffix(name, []byte(`["say`)):
		return f.write()
	default:
		return io.ErrUnexpectedEOF
	}
}

// write is the loop. The lock is there for others that join, and free while it runs.
func (f *floor) write() error {
	f.mu.Lock()
	conns := f.conns
	f.mu.Unlock()
	for _, conn := range conns {
		if _, err := conn.Write(f.said); err != nil {
			return err
		}
	}
	return nil
}

// readFrame reads a client's frame: short, whole and masked.
func readFrame(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(2)
	if err != nil {
		return nil, err
	}
	size := int(head[1] & 0x7f)
	_, _ = in.Discard(2)
	if size == 126 {
		long, err := in.Peek(2)
		if err != nil {
			return nil, err
		}
		size = int(binary.BigEndian.Uint16(long))
		_, _ = in.Discard(2)
	}
	masked := make([]byte, 4+size)
	if _, err := io.ReadFull(in, masked); err != nil {
		return nil, err
	}
	payload := masked[4:]
	for i := range payload {
		payload[i] ^= masked[i%4]
	}
	return payload, nil
}

func serverFrame(packet string) []byte {
	frame := []byte{0x81}
	if len(packet) < 126 {
		frame = append(frame, byte(len(packet)))
	} else {
		frame = append(frame, 126)
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(packet)))
	}
	return append(frame, packet...)
}
