package expresschat

import (
	"math"
	"strconv"
	"strings"

	"expresschat/bus"
	"expresschat/media"
)

// Where files are read, see server/files.
const (
	filePath    = "/media/"
	picturePath = "/media/profile/"
)

// attachment is the file of a message. Numbers are 0 where nobody knows better.
type attachment struct {
	fileInfo
	Caption string `json:"Caption"` // what its sender wrote
}

// lastAttachment is the file of a message in a list.
type lastAttachment struct {
	Type    bus.Type `json:"Type"`
	Name    string   `json:"Name"`
	Caption string   `json:"Caption"`
}

// fileInfo is a file as a client shows it, of a message or on its way into one.
type fileInfo struct {
	URL      string   `json:"Url"`
	Type     bus.Type `json:"Type"`
	Name     string   `json:"Name"`
	Size     int64    `json:"Size"` // bytes
	Width    int      `json:"Width"`
	Height   int      `json:"Height"`
	Duration float64  `json:"Duration"` // seconds
	Thumb    string   `json:"Thumb"`
}

// attachmentOf is nil of a message that has no file. It asks nothing of a text, and allocates
// nothing for one: most messages are texts.
func attachmentOf(t bus.Type, caption string, a *bus.Attachment) *attachment {
	if a == nil {
		return nil
	}
	info, there := fileInfoOf(t, a)
	if !there {
		return nil
	}
	if a.IsCalled(caption) {
		caption = ""
	}
	return &attachment{info, caption}
}

// lastAttachmentOf is what a list says of a file: what it is, and nothing to get it by.
func lastAttachmentOf(t bus.Type, caption string, a *bus.Attachment) *lastAttachment {
	file := attachmentOf(t, caption, a)
	if file == nil {
		return nil
	}
	return &lastAttachment{file.Type, file.Name, file.Caption}
}

// fileInfoOf is false where there is no file.
func fileInfoOf(t bus.Type, a *bus.Attachment) (fileInfo, bool) {
	t = shownAs(t, a)
	main, thumb := a.File, a.Picture
	if t == bus.Image {
		main, thumb = a.Picture, a.Thumb
	}
	url := fileURL(filePath, text(main))
	if url == "" || t == "" {
		return fileInfo{}, false
	}
	info := fileInfo{
		URL: url, Type: t, Name: text(a.Name), Size: max(0, a.Bytes), Duration: seconds(text(a.Duration)),
		Width: pixels(text(a.Width)), Height: pixels(text(a.Height)),
	}
	if t == bus.Image || t == bus.Video {
		info.Thumb = fileURL(filePath, text(thumb))
	}
	return info, true
}

// shownAs is how clients here show a file: what answers or passes on another message has that
// one's, and does not say what it was. Empty is nothing that has files.
func shownAs(t bus.Type, a *bus.Attachment) bus.Type {
	switch t {
	case bus.Image, bus.Voice, bus.Video, bus.File:
		return t
	case bus.Reply, bus.Forward:
	default:
		return ""
	}
	switch {
	case a.File == nil:
		return bus.Image
	case a.Picture != nil:
		return bus.Video
	case a.Duration != nil:
		return bus.Voice
	}
	return bus.File
}

// fileURL is empty where there is no file: what looks like no name of ours is none, and no
// part of an address.
func fileURL(path, name string) string {
	if !media.IsName(name) {
		return ""
	}
	return path + name
}

// pictureURL is where the picture of somebody, or of a group, is read; empty for none.
func pictureURL(name string) string { return fileURL(picturePath, name) }

// maxSeconds and maxPixels are more than there is: numbers of clients' are text, and may be any.
const (
	maxSeconds = 1e6
	maxPixels  = 1e6
)

// seconds reads a duration as clients write it, "12.5" or "1:02:03": 0 of anything else.
func seconds(s string) float64 {
	var total float64
	parts := strings.Split(s, ":")
	if len(parts) > 3 {
		return 0
	}
	for _, part := range parts {
		n, ok := quantity(part, maxSeconds)
		if !ok {
			return 0
		}
		total = total*60 + n
	}
	return min(total, maxSeconds)
}

func pixels(s string) int {
	n, _ := quantity(s, maxPixels)
	return int(math.Round(n))
}

// quantity reads a number that is not negative, nor more than there is.
func quantity(s string, most float64) (float64, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n <= most) { // nor none at all: NaN is neither
		return 0, false
	}
	return n, true
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// infoOf is a file before it is in a message.
func infoOf(f media.File) fileInfo {
	info, _ := fileInfoOf(f.Type, f.Attachment())
	return info
}
