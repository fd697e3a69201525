//go:build race

package e2e

// raceEnabled is whether the tests have the race detector, and so the server that they build.
const raceEnabled = true
