//go:build unix

package localpg

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// maxLog bounds Postgres' log when it starts, in bytes; one older file is kept.
	// The log is written by Postgres itself, so it outlives us and shows how it ended.
	maxLog = 8 << 20

	quotedLines = 6
	quotedBytes = 4 << 10
)

// logFile is Postgres' log and where in it this start began.
type logFile struct {
	*os.File
	began int64
}

func openLog(path string) (*logFile, error) {
	if info, err := os.Lstat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("rotate database log: %w", err)
		}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open database log: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database log: %w", err)
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open database log: %w", err)
	}
	return &logFile{File: f, began: end}, nil
}

// said quotes the last lines since this start began, ready to follow an error.
func (f *logFile) said() string {
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	from := max(f.began, info.Size()-quotedBytes)
	raw, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil {
		return ""
	}
	return quoted(string(raw))
}

// quoted is the end of a program's output on one line, ready to follow an error.
func quoted(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) > quotedLines {
		lines = lines[len(lines)-quotedLines:]
	}
	text := strings.Join(lines, " | ")
	if text == "" {
		return ""
	}
	return ": " + text
}
