// Package media keeps the files that people send each other, and their pictures: it streams
// them into a bucket, tells what they are, and collects those that nothing refers to. It knows
// nothing of HTTP or Postgres, nor where the bytes are.
package media

import (
	"errors"
	"io"
	"strconv"
	"time"

	"expresschat/auth"
	"expresschat/bus"
)

// What a caller may act on.
var (
	// ErrTooLarge is of a file beyond the limit of its type.
	ErrTooLarge = errors.New("the file is too large")
	// ErrQuota is of somebody who has as many bytes here as anybody may have.
	ErrQuota = errors.New("there is no room left for your files")
	// ErrType is of a file whose content is not what it is said to be.
	ErrType = errors.New("the file is not what it is said to be")
	// ErrPicture is of an image that can't be read, or has more pixels than anybody should
	// have to show.
	ErrPicture = errors.New("the picture can't be read, or is too large to be shown")
	// ErrNoFile is the answer for a file of somebody else's as well as for one that there is not.
	ErrNoFile = errors.New("no such file")
	// ErrBody is of a file that broke off on its way here.
	ErrBody = errors.New("the file broke off")
	// ErrBusy is of somebody who has several uploads under way already.
	ErrBusy = errors.New("too many of your files are under way")
	// ErrUnavailable means that the bucket can't be reached, or is full. Nothing is kept.
	ErrUnavailable = errors.New("files can't be stored now")
)

// Place is the path under which a file is public.
type Place string

// The places of files.
const (
	Messages Place = "messages"
	Profile  Place = "profile" // pictures of people and groups
)

// Upload is a file on its way in.
type Upload struct {
	Owner auth.UserID
	Place Place
	// Type is what its sender says it is: bus.Image, bus.Voice, bus.Video or bus.File. Empty
	// leaves it to the content, which is an image, a video or else a file: sound is a voice
	// message only where the sender says so.
	Type  bus.Type
	Title string // what its sender calls it: shown, and never a path
	Body  io.Reader
	// Poster names an image of the same owner's that stands for a video, empty for none.
	Poster string
	// What the sender says; 0 and empty are not known. An image's size is taken from itself.
	Width, Height int
	Duration      string // as bus.Attachment.Duration
}

// File is one that is stored. Its Name can't be guessed: whoever has it may read the file.
type File struct {
	Name          string // as it is stored: 32 letters and digits, and an extension of the server's choice
	Owner         auth.UserID
	Place         Place
	Type          bus.Type
	MIME          string // as the content has it
	Title         string // without what is not for the eye or looks like a path; may be empty
	Size          int64  // bytes
	Width, Height int    // 0 if not known
	Duration      string
	Thumb         string // the name of a small picture for an image, empty for none
	Poster        string // the name of an image that stands for a video, empty for none
	CreatedAt     time.Time
}

// Attachment is what a message that is about the file says of it.
func (f File) Attachment() *bus.Attachment {
	a := &bus.Attachment{Name: set(f.Title), MIME: set(f.MIME), Bytes: f.Size, Duration: set(f.Duration)}
	if f.Width > 0 && f.Height > 0 {
		a.Width, a.Height = set(strconv.Itoa(f.Width)), set(strconv.Itoa(f.Height))
	}
	if f.Type == bus.Image {
		a.Picture, a.Thumb = set(f.Name), set(f.Thumb)
		return a
	}
	a.File, a.Picture = set(f.Name), set(f.Poster)
	return a
}

func set(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
