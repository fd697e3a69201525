// Package own is socketio.Engine in our own code: Socket.IO, revision 5 and the one that
// clients of Engine.IO 3 speak, on top of package engineio. It is made for servers
// with many connections that are mostly quiet, and for rooms: an event to a room is
// encoded and framed once, its bytes are shared by all receivers, and a delivery
// allocates nothing.
//
// Attachments of events are collected by the connection, up to Options.MaxPayload for
// one event, and kept only for handlers that want them (socketio.HandleArgs). Those of
// an emit are framed once for all receivers that speak the same revision, and take their
// place in a client's queue together with their event.
//
// What no client would send ends the connection: malformed packets, placeholders without
// their attachment, events for a namespace that the client is not in, more CONNECTs than
// package socketio lets one send. A client that has joined no namespace in
// Options.ConnectTimeout, or has left all of them for so long, is dropped.
//
// There is no connection state recovery: clients of this server resume by what they
// have seen.
package own
