// Package engineio is a server of Engine.IO, revisions 4 and 3, over long polling and
// websockets (RFC 6455), with upgrades between them: https://github.com/socketio/engine.io-protocol.
// It carries messages and knows nothing of what they mean.
//
// # At rest
//
// A websocket costs one reading goroutine, which holds no buffer while it waits; a
// client that polls costs what net/http needs. Heartbeats and all other deadlines are
// entries of one timing wheel. There is no goroutine that writes, unless a client
// reads slower than it is written to.
//
// # Writing
//
// A Message is framed once and its bytes are shared by all who get it. Whoever sends
// puts it into the session's queue; one of them writes all that is queued with one
// system call, and nobody waits for a client. A session whose queue is too long for
// too long is cut, see Options.
//
// A poll brings 16 packets at most, which is what python-engineio takes. So a client that
// polls gets 16 for each time it takes to ask again.
//
// # Reading
//
// Messages of one session are handed to its Receiver one after another. It may say
// that it is full; then nothing is read from that client until there is space.
package engineio
