//go:build race

package engineio_test

// raceEnabled is whether the race detector is on. With it sync.Pool drops things.
const raceEnabled = true
