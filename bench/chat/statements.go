package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"expresschat/auth"
	"expresschat/bench/chat/world"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/store"
)

// statements are those of the server, without the server around them. This file is all
// that knows how the store is asked.
type statements struct{ store *store.Store }

// openStatements brings the schema up to date first.
func openStatements(ctx context.Context, url string, log *slog.Logger) (statements, error) {
	s, err := store.Open(ctx, url, store.Conns{Lanes: 1, Others: 1}, log)
	return statements{s}, err
}

func (s statements) close() { s.store.Close() }

// appendOne stores one message of the first pair.
func (s statements) appendOne(ctx context.Context) error {
	d := chat.Draft{
		Room: bus.RoomID(world.PairChat(0)), Kind: bus.Personal,
		Content: fmt.Sprintf("%0200d", 0),
	}
	stamp := bus.Stamp{ID: bus.NewMessageID(), At: time.Now()}
	posted, _, err := s.store.Commit(ctx, chat.Batch{Entries: []chat.Entry{{
		By: auth.Actor{User: auth.UserID(world.User(0))}, Draft: d, Stamp: stamp,
	}}})
	if err != nil {
		return err
	}
	return posted[0].Err
}

// lists fetches the chats of the hub.
func (s statements) lists(ctx context.Context) error {
	_, err := s.store.Lists(ctx, auth.UserID(hub()))
	return err
}
