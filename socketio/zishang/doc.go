// Package zishang is socketio.Engine on github.com/zishang520/socket.io/servers/socket/v3.
// It is the only package that may import that library.
//
// The library does the handshakes, upgrades, heartbeats and the life of namespaces
// and sockets. Three of its parts are plugged in from here, all of them at places
// where it asks for one:
//
//   - The transports. The library's own start to read before anything listens, so a
//     fast client's first packet is lost; they close a websocket before what is
//     queued for it is written, and leave a long poll hanging at a close; nothing
//     tells how much they still have to write; and a panic in their goroutines ends
//     the process.
//   - The parser. It keeps arguments as the raw JSON that they arrived as, knows to
//     which connection a packet belongs, and takes events straight to the socket's
//     inbox: the library's queue forgets events when a client disconnects, closes a
//     connection whose first event comes too early, and has no bound. An event that is
//     emitted is one packet to the library, its attachments included.
//   - Rooms and broadcasts, which are socketio.Rooms. The library's adapter can lose a
//     member of a room that is emptied and joined at once.
//
// A poll brings all that is queued. For python-engineio, which takes 16 packets at most and
// leaves when there are more, that can be too much; our own engine splits it.
//
// # Goroutines
//
// Stop waits for the goroutines of this package, among them those that read and
// write. Of the library's own these may outlive it: the timers of its
// utils.SetTimeout and utils.SetInterval, which end when they would have fired (a
// ping's, at most PingInterval plus PingTimeout later; one that was stopped before
// its goroutine ran is never told and stays, idle), the loop of a socket's task
// queue, which ends as soon as it has run empty, and the ones that announce the end
// of a request, which only have to be scheduled.
package zishang
