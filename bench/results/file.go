package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Renew writes text in place of the part of a file that has the same heading, and leaves
// the other parts as they are. A part is a heading of the first level, in the first line
// of text, and all that follows up to the next one. A part that is new becomes the last.
func Renew(path, text string) error {
	body, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the results: %w", err)
	}
	parts := split(string(body))
	text = strings.TrimRight(text, "\n") + "\n"
	heading, _, _ := strings.Cut(text, "\n")
	found := false
	for i, part := range parts {
		if h, _, _ := strings.Cut(part, "\n"); h == heading {
			parts[i], found = text, true
		}
	}
	if !found {
		parts = append(parts, text)
	}
	if err := os.WriteFile(path, []byte(strings.Join(parts, "\n")), 0o644); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// split cuts a file into its parts, each without the empty lines at its end. In a fenced
// block nothing is a heading.
func split(body string) []string {
	var parts []string
	var part strings.Builder
	end := func() {
		if text := strings.TrimRight(part.String(), "\n"); text != "" {
			parts = append(parts, text+"\n")
		}
		part.Reset()
	}
	fenced := false
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if strings.HasPrefix(line, "# ") && !fenced {
			end()
		}
		part.WriteString(line)
	}
	end()
	return parts
}
