package lane

import (
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// Bounds of a batch. It is one transaction, and while it is out nothing else of its lane
// is: the larger, the longer the wait of who comes next.
const (
	maxBatch      = 512
	maxBatchBytes = 1 << 20 // of messages; one entry always fits
)

// post is a message on its way, and who wants to hear of it.
type post struct {
	by    auth.Actor
	draft chat.Draft
	done  func(chat.Receipt, error)
}

// move is a reading on its way.
type move struct {
	by      auth.Actor
	reading chat.Reading
	done    func(chat.Cursor, error)
}

// batch is a chat.Batch with those who want to hear of it.
type batch struct {
	chat.Batch
	posts [][]*post // those of an entry: the first is it, others repeat its client id
	moves [][]*move // those of a cursor
	jobs  int
	bytes int
	at    time.Time

	sent map[said]int   // the entries that have a client id
	read map[reader]int // the moves
	// told is set when all were told already that it is not known.
	told bool
}

// said is what makes two messages the same.
type said struct {
	room   bus.RoomID
	by     auth.UserID
	client string
}

// reader is somebody in a room.
type reader struct {
	room bus.RoomID
	kind bus.Kind
	by   auth.UserID
}

func newBatch() *batch { return &batch{at: now()} }

// now is the time that an entry has.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func (b *batch) stamp() bus.Stamp { return bus.Stamp{ID: bus.NewMessageID(), At: b.at} }

// add is false if j does not belong into the batch any more.
func (b *batch) add(j job) bool {
	if b.jobs == maxBatch || j.write != nil || (b.jobs > 0 && b.bytes+j.size() > maxBatchBytes) {
		return false
	}
	b.jobs++
	b.bytes += j.size()
	if j.post != nil {
		b.addPost(j.post)
	} else {
		b.addMove(j.move)
	}
	return true
}

// addPost makes an entry, which gets its name here: in one room names rise with places.
func (b *batch) addPost(p *post) {
	if p.draft.ClientID != "" {
		key := said{p.draft.Room, p.by.User, p.draft.ClientID}
		if i, ok := b.sent[key]; ok && b.Entries[i].Draft.Kind == p.draft.Kind {
			b.posts[i] = append(b.posts[i], p)
			return
		}
		if b.sent == nil {
			b.sent = map[said]int{}
		}
		b.sent[key] = len(b.Entries)
	}
	e := chat.Entry{By: p.by, Draft: p.draft, Stamp: b.stamp()}
	b.Entries = append(b.Entries, e)
	b.posts = append(b.posts, []*post{p})
	for i := range b.Moves { // who asked for the newest before meant the ones before
		if m := &b.Moves[i]; m.Room == p.draft.Room && m.Newest && m.Before == "" {
			m.Before = e.Stamp.ID
		}
	}
}

// addMove makes one move of all that somebody has read in a room. It leads as far as the
// furthest of them, which is the last of those to the newest.
func (b *batch) addMove(mv *move) {
	r := mv.reading
	key := reader{r.Room, r.Kind, mv.by.User}
	i, ok := b.read[key]
	if !ok {
		if b.read == nil {
			b.read = map[reader]int{}
		}
		i = len(b.Moves)
		b.read[key] = i
		b.Moves = append(b.Moves, chat.Move{By: mv.by, Room: r.Room, Kind: r.Kind, Stamp: b.stamp()})
		b.moves = append(b.moves, nil)
	}
	m := &b.Moves[i]
	if m.By.Conn != mv.by.Conn {
		m.By.Conn = "" // of several connections none is the one that knows already
	}
	if r.UpTo == 0 {
		m.Newest, m.Before = true, ""
	}
	m.UpTo = max(m.UpTo, r.UpTo)
	b.moves[i] = append(b.moves[i], mv)
}

// answerPost tells all who want to hear of entry i.
func (b *batch) answerPost(i int, r chat.Receipt, err error) {
	if b.told {
		return
	}
	for _, p := range b.posts[i] {
		p.done(r, err)
	}
}

// answerMove tells all who want to hear of move i.
func (b *batch) answerMove(i int, c chat.Cursor, err error) {
	if b.told {
		return
	}
	for _, m := range b.moves[i] {
		m.done(c, err)
	}
}

// fail tells all, once.
func (b *batch) fail(err error) {
	for i := range b.posts {
		b.answerPost(i, chat.Receipt{}, err)
	}
	for i := range b.moves {
		b.answerMove(i, chat.Cursor{}, err)
	}
	b.told = true
}

// parts are the batches that b falls into: one for each room or, if it is all of one room,
// one for each entry and one for its cursors. There is only one if b can't be parted.
func (b *batch) parts() []*batch {
	byRoom := map[bus.RoomID]*batch{}
	var rooms, single []*batch
	part := func(room bus.RoomID) *batch {
		if byRoom[room] == nil {
			byRoom[room] = &batch{Batch: chat.Batch{Again: true}, told: b.told}
			rooms = append(rooms, byRoom[room])
		}
		return byRoom[room]
	}
	for i, e := range b.Entries {
		p := part(e.Draft.Room)
		p.Entries, p.posts = append(p.Entries, e), append(p.posts, b.posts[i])
		single = append(single, &batch{
			Batch: chat.Batch{Again: true, Entries: b.Entries[i : i+1]},
			posts: b.posts[i : i+1], told: b.told,
		})
	}
	for i, m := range b.Moves {
		p := part(m.Room)
		p.Moves, p.moves = append(p.Moves, m), append(p.moves, b.moves[i])
	}
	if len(rooms) > 1 {
		return rooms
	}
	if len(b.Moves) > 0 {
		single = append(single, &batch{Batch: chat.Batch{Again: true, Moves: b.Moves}, moves: b.moves, told: b.told})
	}
	return single
}
