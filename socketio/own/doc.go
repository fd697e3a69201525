// Package own is socketio.Engine in our own code: Socket.IO, revision 5 and the one that
// clients of Engine.IO 3 speak, on top of package engineio. It is made for servers
// with many connections that are mostly quiet, and for rooms: an event to a room is
// encoded and framed once, its bytes are shared by all receivers, and a delivery
// allocates nothing.
//
// There is no connection state recovery: clients of this server resume by what they
// have seen.
package own
