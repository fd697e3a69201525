// Package e2e tests the server as its users see it: the built binary, driven through
// HTTP and through Socket.IO clients that nobody here wrote. It knows the protocol and
// the binary's environment, and imports nothing of the server.
package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	// patience is how long anything may take before a test gives up on it: far more
	// than it ever needs, as two cores are shared with other work.
	patience = 30 * time.Second
	// allowedOrigin is the one other site whose pages may use the shared server.
	allowedOrigin = "https://app.example.org"
	// goBridgeEnv makes the test binary the bridge of the Go client.
	goBridgeEnv = "EXPRESSCHAT_E2E_GO_BRIDGE"
	// binaryEnv names a built server to test in place of building one.
	binaryEnv = "EXPRESSCHAT_BIN"
	// socketioEnv names the Socket.IO engine that the servers shall use, as CHAT_SOCKETIO
	// does; without it they have their default.
	socketioEnv = "EXPRESSCHAT_E2E_SOCKETIO"
)

// suite is what all tests share: it costs seconds to start, and tests keep apart by
// having users of their own.
type suite struct {
	dir     string
	binary  string
	bridges map[string]*bridge // by name of the client
	server  *server
	// confided is what no log may have.
	confided confided
	// chromium is where people use the web client.
	chromium *chromium
	// strict is a second server, whose access tokens live for five seconds, whose rate
	// limits hold, and who lies behind a proxy that speaks https. It starts with the
	// first test that asks.
	strict func() (*server, error)
}

// shared is set by TestMain before the first test, and never again: there is no other
// way to hand something to a test function.
var shared *suite

func TestMain(m *testing.M) {
	if os.Getenv(goBridgeEnv) != "" {
		runGoBridge(os.Stdin, os.Stdout)
		return
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	s := &suite{bridges: map[string]*bridge{}}
	// Postgres refuses to run as root and then runs as somebody else, who has to be
	// able to walk into this directory.
	if s.dir, err = os.MkdirTemp("", "expresschat-e2e-"); err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(s.dir) }()
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return 1, err
	}
	if s.binary, err = buildServer(s.dir); err != nil {
		return 1, err
	}
	if err := startBridges(s.bridges); err != nil {
		return 1, err
	}
	if s.server, err = startServer(s.binary, filepath.Join(s.dir, "shared"),
		"CHAT_LIMITS=off", "CHAT_ALLOWED_ORIGINS="+allowedOrigin); err != nil {
		return 1, err
	}
	s.chromium = newChromium(s.dir)
	var strict *server
	s.strict = sync.OnceValues(func() (*server, error) {
		var err error
		strict, err = startServer(s.binary, filepath.Join(s.dir, "strict"), "CHAT_ACCESS_TTL=5s",
			"CHAT_PUBLIC_URL=https://chat.example.org")
		return strict, err
	})
	shared = s

	code = m.Run()

	for _, b := range s.bridges {
		err = errors.Join(err, b.stop())
	}
	err = errors.Join(err, s.chromium.end(), s.server.stop())
	if strict != nil {
		err = errors.Join(err, strict.stop())
	}
	err = errors.Join(err, s.confided.searchLogs(s.dir))
	if code != 0 || err != nil {
		s.server.complain(os.Stderr)
	}
	return code, err
}

func buildServer(dir string) (string, error) {
	if ready := os.Getenv(binaryEnv); ready != "" {
		return filepath.Abs(ready)
	}
	binary := filepath.Join(dir, "expresschat")
	args := []string{"build", "-buildvcs=false", "-o", binary}
	if raceEnabled {
		// With the detector a password at full cost takes a tenth of a second, and nearly
		// every test signs somebody up.
		args = append(args, "-race", "-tags=cheaphash")
	}
	out, err := exec.Command("go", append(args, "expresschat/cmd/expresschat")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, out)
	}
	return binary, nil
}

// startBridges starts all bridges. Each outlives every test, as each of them holds
// the sockets of many.
func startBridges(bridges map[string]*bridge) error {
	script, err := installNodeClients("clients")
	if err != nil {
		return err
	}
	node, err := startBridge(exec.Command("node", script))
	if err != nil {
		return fmt.Errorf("start the bridge to the node clients: %w", err)
	}
	self := exec.Command(os.Args[0])
	// The Go client races with itself, and that is not ours to test: in a process of
	// its own its reports go nowhere.
	self.Env = append(os.Environ(), goBridgeEnv+"=1", "GORACE=exitcode=0 log_path=/dev/null")
	goClient, err := startBridge(self)
	if err != nil {
		return fmt.Errorf("start the bridge to the go client: %w", err)
	}
	program, err := findPython()
	if err != nil {
		return err
	}
	pythonClient, err := startBridge(exec.Command(program, "-I", filepath.Join("clients", "bridge.py")))
	if err != nil {
		return fmt.Errorf("start the bridge to the python client: %w", err)
	}
	for _, client := range []string{node2, node3, node4, nodeNewest} {
		bridges[client] = node
	}
	bridges[goNewest], bridges[python] = goClient, pythonClient
	return nil
}
