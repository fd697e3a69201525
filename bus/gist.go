package bus

import (
	"math"
	"strconv"
	"strings"
)

// Gist is what stands for a message where nothing but a text is shown, by every door and in
// notifications: what was said, or else of what type it is, and what its file is called or where
// its place is.
func Gist(t Type, content string, a *Attachment) string {
	if t == Text || strings.TrimSpace(content) != "" && !a.IsCalled(content) {
		return content
	}
	what := "[" + string(t) + "]"
	switch {
	case a == nil:
	case a.Name != nil && *a.Name != "":
		return what + " " + *a.Name
	case t == Location && isDegrees(a.Latitude) && isDegrees(a.Longitude):
		return what + " " + *a.Latitude + ", " + *a.Longitude
	}
	return what
}

// IsCalled tells whether a content says no more than what the file is called: so VChat's door
// has it for clients that show nothing but that. Without a file it is false.
func (a *Attachment) IsCalled(content string) bool {
	return a != nil && a.Name != nil && content == *a.Name
}

// isDegrees tells whether what a client says of a place can be shown: it may be any text.
func isDegrees(s *string) bool {
	if s == nil {
		return false
	}
	n, err := strconv.ParseFloat(*s, 64)
	return err == nil && math.Abs(n) <= 360
}
