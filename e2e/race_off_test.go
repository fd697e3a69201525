//go:build !race

package e2e

// raceEnabled is whether the server is built with the race detector, as the tests are.
const raceEnabled = false
