package world_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bench/chat/world"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/store"
	"expresschat/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var small = world.Size{Crowd: 30, HubChats: 20, ShortChat: 60, LongChat: 300, Stored: 1000, PerChat: 2}

// seeded is a store with the whole world in it.
func seeded(t *testing.T) (*store.Store, *pgx.Conn) {
	t.Helper()
	url := storetest.URL(t)
	s, err := store.Open(t.Context(), url, store.Conns{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for _, seed := range []func(context.Context, *pgx.Conn, world.Size) error{world.Seed, world.SeedHistory} {
		if err := seed(t.Context(), conn, small); err != nil {
			t.Fatal(err)
		}
	}
	return s, conn
}

// TestSeed asks the store about the world as the server would.
func TestSeed(t *testing.T) {
	t.Parallel()
	s, conn := seeded(t)
	var stored int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM messages`).Scan(&stored); err != nil || stored != small.Stored {
		t.Errorf("%d messages are stored, want %d: %v", stored, small.Stored, err)
	}
	chats := func(user int) []chat.Summary {
		list, err := s.Chats(t.Context(), auth.UserID(world.User(user)))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if n := len(chats(world.Hub)); n != small.HubChats {
		t.Errorf("the hub has %d chats, want %d", n, small.HubChats)
	}
	pair := chats(1)
	if len(pair) != 1 || pair[0].Room != bus.RoomID(world.PairChat(0)) || pair[0].Unread != int64(small.PerChat) || pair[0].Partner.Name != world.Name(0) {
		t.Errorf("one of a pair has %+v", pair)
	}
	if hall := chats(world.Speaker + world.Listeners); len(hall) != 1 || hall[0].Room != bus.RoomID(world.Hall()) {
		t.Errorf("a listener has %+v", hall)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s, _ := seeded(t)
	for room, n := range map[string]int{world.ShortChat(): small.ShortChat, world.LongChat(): small.LongChat} {
		h, err := s.History(t.Context(), auth.UserID(world.User(world.Reader)), bus.RoomID(room), bus.Personal, chat.Page{Limit: 50})
		if err != nil || h.Seq != int64(n) || len(h.Messages) != 50 || h.Messages[0].Seq != h.Seq || len(h.Members) != 2 {
			t.Errorf("%d messages of %d, %d members, %v", len(h.Messages), h.Seq, len(h.Members), err)
		}
	}
}

// TestTokens has the server's own package read them.
func TestTokens(t *testing.T) {
	t.Parallel()
	s, _ := seeded(t)
	keys := world.Keys{Access: "0123456789012345678901234567890a", Refresh: "0123456789012345678901234567890b"}
	accounts, err := auth.New(auth.Config{
		AccessSecret: []byte(keys.Access), RefreshSecret: []byte(keys.Refresh), AccessTTL: 1, RefreshTTL: 1,
	}, s, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := keys.Tokens(world.Hub)
	if err != nil {
		t.Fatal(err)
	}
	var pair struct{ AccessToken, RefreshToken string }
	if err := json.Unmarshal([]byte(shown), &pair); err != nil {
		t.Fatal(err)
	}
	who, err := accounts.Authenticate(t.Context(), auth.Pair{Access: pair.AccessToken, Refresh: pair.RefreshToken})
	if err != nil || who.User.ID != auth.UserID(world.User(world.Hub)) || who.User.Name != world.Name(world.Hub) || who.Renewed != "" {
		t.Errorf("%+v, %v", who, err)
	}
	for _, n := range []int{world.Speaker, world.Speaker + world.Listeners} {
		long, err := keys.Long(n)
		if err != nil {
			t.Fatal(err)
		}
		if who, err := accounts.AuthenticateLong(t.Context(), long); err != nil || who.User.ID != auth.UserID(world.User(n)) {
			t.Errorf("%d's long token: %+v, %v", n, who, err)
		}
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	for user, want := range map[int]string{3: world.PairChat(1), world.Speaker: world.Hall(), world.Speaker + world.Listeners: world.Hall()} {
		word, err := world.Word(user)
		if err != nil {
			t.Fatal(err)
		}
		var shown struct {
			User, Name string
			Chats      []string
		}
		if err := json.Unmarshal([]byte(word), &shown); err != nil || shown.User != world.User(user) || len(shown.Chats) != 1 || shown.Chats[0] != want {
			t.Errorf("user %d: %s, %v", user, word, err)
		}
	}
}
