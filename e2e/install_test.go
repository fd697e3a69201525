package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

var (
	errNoNode   = errors.New("node 18 or newer and npm are needed on the PATH: these tests use the JavaScript clients of real pages")
	errNoPython = errors.New("a python3 with socketio and aiohttp is needed, on the PATH or in /usr/bin: scripts/setup.sh python installs it")
)

// installNodeClients makes the node clients in dir what its lock file says, and
// returns the path of the bridge that uses them. It runs npm only when the lock file
// is not the one that was installed last.
func installNodeClients(dir string) (script string, err error) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%w: %w", errNoNode, err)
		}
	}
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return "", fmt.Errorf("read the clients' lock file: %w", err)
	}
	sum := sha256.Sum256(lock)
	want := []byte(hex.EncodeToString(sum[:]))
	stamp := filepath.Join(dir, "node_modules", ".installed-lock")
	script = filepath.Join(dir, "bridge.mjs")
	if have, err := os.ReadFile(stamp); err == nil && bytes.Equal(have, want) {
		return script, nil
	}
	npm := exec.Command("npm", "ci", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci in e2e/%s: %w\n%s", dir, err, out)
	}
	if err := os.WriteFile(stamp, want, 0o644); err != nil {
		return "", fmt.Errorf("note what was installed: %w", err)
	}
	return script, nil
}

// findPython finds a Python that has the client. Where Debian has installed it, that need
// not be the first on the PATH.
func findPython() (string, error) {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		// Isolated, as else any folder named socketio passes for the package.
		if exec.Command(name, "-I", "-c", "import aiohttp, socketio; socketio.AsyncClient").Run() == nil {
			return name, nil
		}
	}
	return "", errNoPython
}
