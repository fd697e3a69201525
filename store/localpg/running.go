//go:build unix

package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrNotRunning: the data folder has no database, or none that runs.
var ErrNotRunning = errors.New("the private database is not running")

// socketLine is the line of postmaster.pid, from 0, with the folder of the socket.
const socketLine = 4

// Running is the URL of the database in a server's data folder, for a second process while
// the server runs. It starts nothing and takes no lock. The error is ErrNotRunning, or that
// the database is somebody else's.
func Running(dataDir string) (url string, err error) {
	dir, err := existing(dataDir)
	if err != nil {
		return "", err
	}
	if dir == "" {
		return "", ErrNotRunning
	}
	written, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", ErrNotRunning
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("the database in %s is somebody else's: be the server's user, or root", dir)
	case err != nil:
		return "", fmt.Errorf("look at cluster: %w", err)
	}
	lines := strings.Split(string(written), "\n")
	if len(lines) <= socketLine || lines[socketLine] == "" {
		return "", ErrNotRunning // it has only begun to start
	}
	c := cluster{socketDir: lines[socketLine]}
	conn, err := net.Dial("unix", filepath.Join(c.socketDir, socketName))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return "", ErrNotRunning // it was killed, and the file is left
	case err != nil:
		return "", fmt.Errorf("reach database: %w", err)
	}
	_ = conn.Close()
	return c.url(userName, databaseName), nil
}
