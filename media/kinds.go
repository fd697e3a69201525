package media

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"expresschat/bus"
)

// headSize is how many bytes of a file tell what it is.
const headSize = 3072

// Limits are how large files may be, in bytes. A picture of somebody or of a group is looked
// at by Profile alone.
type Limits struct{ Image, Voice, Video, File, Profile int64 }

func (l Limits) of(p Place, t bus.Type) int64 {
	switch {
	case p == Profile:
		return l.Profile
	case t == bus.Image:
		return l.Image
	case t == bus.Voice:
		return l.Voice
	case t == bus.Video:
		return l.Video
	}
	return l.File
}

func (l Limits) most() int64 { return max(l.Image, l.Voice, l.Video, l.File, l.Profile) }

// shown are the images that we can measure and make smaller.
var shown = []string{"image/jpeg", "image/png", "image/gif", "image/webp"}

// containers are those of videos in which recorders keep sound, too.
var containers = []string{"application/ogg", "video/ogg", "video/mp4", "video/webm", "video/3gpp", "video/3gpp2", "video/quicktime", "video/x-matroska"}

// sniff reads what tells the type of a file, and returns it, without parameters, and a reader
// of all. The error is ErrBody.
func sniff(r io.Reader) (string, io.Reader, error) {
	b := bufio.NewReaderSize(r, headSize)
	head, err := b.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	mime, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	if mime == "image/vnd.mozilla.apng" {
		mime = "image/png" // which moves
	}
	return mime, b, nil
}

// judge decides what a file is that its sender says is of type said, and whose content is a
// mime. The error is ErrType where the content says something else.
func judge(p Place, said bus.Type, mime string) (bus.Type, error) {
	if p == Profile {
		said = bus.Image
	}
	kind, _, _ := strings.Cut(mime, "/")
	ok := false
	switch said {
	case "":
		return guess(kind, mime), nil
	case bus.Image:
		ok = kind == "image" && mime != "image/svg+xml" // which is a program
	case bus.Voice:
		ok = kind == "audio" || slices.Contains(containers, mime)
	case bus.Video:
		ok = kind == "video" || mime == "application/ogg"
	case bus.File:
		ok = true
	}
	if !ok {
		return "", fmt.Errorf("%w: %s as %s", ErrType, mime, said)
	}
	return said, nil
}

func guess(kind, mime string) bus.Type {
	switch {
	case slices.Contains(shown, mime):
		return bus.Image
	case kind == "video":
		return bus.Video
	}
	return bus.File
}
