package socketio

// Held counts what the index keeps.
func (r *Rooms[M]) Held() (seats, rooms int) {
	for i := range r.shards {
		sh := &r.shards[i]
		sh.mu.RLock()
		seats += len(sh.seats)
		rooms += len(sh.rooms)
		sh.mu.RUnlock()
	}
	return seats, rooms
}
