package vchat

import (
	"context"
	"encoding/json"

	"expresschat/bus"
	"expresschat/media"
	"expresschat/server/problem"
)

// filesOf is how many files a message of a type may have: a video's first one is a picture
// that stands for it.
func filesOf(t bus.Type) int {
	switch t {
	case bus.Video:
		return 2
	case bus.Voice, bus.Image, bus.File:
		return 1
	}
	return 0
}

// attach is what a message says of the files that came with it, beside what its sender says.
func attach(t bus.Type, files []media.File, said *bus.Attachment) (*bus.Attachment, error) {
	most := filesOf(t)
	switch {
	case len(files) > 0 && most == 0:
		return nil, errFileUnasked
	case len(files) > most:
		return nil, errManyFiles
	case most == 0:
		return said, nil
	case len(files) == 0:
		return nil, errFileMissing
	}
	f, err := files[len(files)-1].As(t) // it may have come before the type
	if err != nil {
		return nil, err
	}
	if len(files) == 2 {
		if files[0].Type != bus.Image {
			return nil, errThumbnail
		}
		f.Poster = files[0].Name
	}
	return merge(f.Attachment(), said), nil
}

// merge has what the server knows of files in the place of what is said of them, and
// measures only where nothing is said.
func merge(known, said *bus.Attachment) *bus.Attachment {
	if said == nil {
		return known
	}
	a := *said
	a.Picture, a.File, a.Thumb = known.Picture, known.File, known.Thumb
	a.Name, a.MIME, a.Bytes = known.Name, known.MIME, known.Bytes
	a.Width, a.Height = either(a.Width, known.Width), either(a.Height, known.Height)
	a.Duration = either(a.Duration, known.Duration)
	return &a
}

func either(said, known *string) *string {
	if said == nil || *said == "" {
		return known
	}
	return said
}

// keep leaves out the names of files that there are not, and adds what the server knows of
// those that there are: what is passed on looks as it did.
func (d *Door) keep(ctx context.Context, a *bus.Attachment) error {
	var names []string
	for _, name := range []*string{a.Picture, a.File} {
		if name != nil {
			names = append(names, *name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	kept, err := d.media.Keep(ctx, names...)
	if err != nil {
		return err
	}
	*a = *merge(known(kept, a), a)
	return nil
}

// known is what the server knows of the files that a names.
func known(kept map[string]media.File, a *bus.Attachment) *bus.Attachment {
	find := func(name *string) (f media.File, there bool) {
		if name != nil {
			f, there = kept[*name]
		}
		return f, there
	}
	picture, isPicture := find(a.Picture)
	file, isFile := find(a.File)
	switch {
	case isFile:
		file.Poster = picture.Name
		return file.Attachment()
	case isPicture:
		return picture.Attachment()
	}
	return &bus.Attachment{}
}

// readAttachment reads the JSON text of an attachment, in which "null" means nothing. Only
// what answers or passes on another message may name files.
func readAttachment(text string, t bus.Type) (*bus.Attachment, error) {
	if text == "" || text == "null" {
		return nil, nil
	}
	var given map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &given) != nil {
		return nil, problem.ErrBadInput
	}
	if len(given) == 0 {
		return nil, nil
	}
	value := func(name string) *string {
		if raw, there := given[name]; there {
			return set(raw)
		}
		return nil
	}
	a := &bus.Attachment{
		Size: value("fileSize"), Duration: value("fileDuration"), Width: value("width"), Height: value("height"),
		Latitude: value("lat"), Longitude: value("lang"),
		LinkTitle: value("linkTitle"), LinkText: value("linkDescription"), LinkURL: value("linkDataUrl"),
	}
	if t == bus.Reply || t == bus.Forward {
		a.Picture, a.File = fileName(value("imageUrl")), fileName(value("playUrl"))
	}
	return a, nil
}

// set is a value that clients give as text or, some, as a number.
func set(raw json.RawMessage) *string {
	values := text(raw)
	if len(values) == 0 || values[0] == "null" {
		return nil
	}
	return &values[0]
}

// fileName leaves out what is no name of a file.
func fileName(s *string) *string {
	if s == nil || !media.IsName(*s) {
		return nil
	}
	return s
}
