package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"expresschat/bus"
)

// Put stores a file while it arrives, and returns when all is kept, for a day at least. ctx has
// to last as long as the body. Of Place Profile only a small picture is kept, made from the
// file; an image has one beside it, and no metadata any more. The error is ErrBusy, ErrTooLarge,
// ErrQuota, ErrType, ErrPicture, ErrBody (wrapping the body's own), ErrUnavailable, or ErrNoFile
// of a poster. Nothing is kept then: what could not be removed at once is collected.
func (s *Service) Put(ctx context.Context, up Upload) (File, error) {
	ctx, cancel := context.WithTimeout(ctx, maxUpload)
	defer cancel()
	end, err := s.uploads.begin(up.Owner)
	if err != nil {
		return File{}, err
	}
	defer end()
	f, body, err := s.receive(ctx, up)
	if err != nil {
		return File{}, err
	}
	p := &putting{Service: s}
	kept, err := p.all(ctx, f, body, up.Type == "")
	if err == nil {
		err = s.Files.Finish(ctx, s.Quota, kept...)
	}
	if err != nil {
		kept = nil
	}
	p.undo(ctx, kept)
	switch {
	case errors.Is(err, ErrNoFile): // it took so long that it was given up
		return File{}, fmt.Errorf("%w: %w", ErrBody, err)
	case err != nil:
		return File{}, err
	}
	return kept[0], nil
}

// receive looks at what arrives, and makes a file of it that has a name but no content.
func (s *Service) receive(ctx context.Context, up Upload) (File, io.Reader, error) {
	mime, body, err := sniff(up.Body)
	if err != nil {
		return File{}, nil, err
	}
	f := File{
		Name: newName(mime), Owner: up.Owner, Place: up.Place, MIME: mime, Title: CleanTitle(up.Title),
		Width: sensible(up.Width), Height: sensible(up.Height), CreatedAt: time.Now(),
	}
	if len(up.Duration) <= maxDuration {
		f.Duration = up.Duration
	}
	if f.Type, err = judge(up.Place, up.Type, mime); err != nil {
		return File{}, nil, err
	}
	if up.Poster != "" {
		poster, err := s.Own(ctx, up.Owner, up.Poster)
		if err != nil {
			return File{}, nil, err
		}
		if poster.Type != bus.Image {
			return File{}, nil, fmt.Errorf("%w: %s as a poster", ErrType, poster.MIME)
		}
		f.Poster = poster.Name
	}
	return f, body, nil
}

const (
	maxDuration = 32      // bytes of text
	maxSide     = 1 << 16 // pixels
)

func sensible(pixels int) int {
	if pixels < 0 || pixels > maxSide {
		return 0
	}
	return pixels
}

// putting is an upload under way: what it has begun to store is removed unless it is kept.
type putting struct {
	*Service
	begun []File
}

// all stores a file and what belongs to it, and returns those to be kept, first the one that
// was asked for. guessed says that nobody said what the file is.
func (p *putting) all(ctx context.Context, f File, body io.Reader, guessed bool) ([]File, error) {
	if err := p.write(ctx, &f, body); err != nil {
		return nil, err
	}
	if f.Type != bus.Image {
		return []File{f}, nil
	}
	small, err := p.draw(ctx, &f)
	switch {
	case errors.Is(err, ErrPicture) && guessed && f.Place == Messages:
		f.Type, f.Width, f.Height = bus.File, 0, 0
		return []File{f}, nil
	case err != nil:
		return nil, err
	case f.Place == Profile:
		return []File{small}, nil
	}
	f.Thumb = small.Name
	return []File{f, small}, nil
}

// write writes the row, then the bytes, and sets how many there are. So whatever is in the
// bucket is known, even if the process is killed in between.
func (p *putting) write(ctx context.Context, f *File, body io.Reader) error {
	used, err := p.Files.Begin(ctx, *f, keep)
	if err != nil {
		return err
	}
	p.begun = append(p.begun, *f)
	m := &meter{r: body, left: p.Limits.of(f.Place, f.Type), over: ErrTooLarge}
	if free := p.Quota - used; p.Quota > 0 && free < m.left {
		m.left, m.over = max(0, free), ErrQuota
	}
	in := &count{r: m}
	if f.Type == bus.Image {
		in.r = p.Pictures.Strip(m, f.MIME)
	}
	err = p.Bucket.Write(ctx, key(f.Place, f.Name), About{f.MIME, f.Title}, in)
	f.Size = in.n
	switch {
	case m.err != nil:
		return m.err
	case err != nil && ctx.Err() != nil:
		return ended(ctx)
	case err != nil:
		return unavailable(err)
	}
	return nil
}

// draw measures an image and stores a small one beside it, both from the bucket: so the image
// is never whole in memory on its way in.
func (p *putting) draw(ctx context.Context, f *File) (File, error) {
	select {
	case p.drawing <- struct{}{}:
		defer func() { <-p.drawing }()
	case <-ctx.Done():
		return File{}, ended(ctx)
	}
	o, err := p.Bucket.Open(ctx, key(f.Place, f.Name))
	if err != nil {
		return File{}, unavailable(err)
	}
	defer o.Close()
	src := &source{ReadSeeker: o}
	var out bytes.Buffer
	var mime string
	if f.Width, f.Height, err = p.Pictures.Measure(src); err == nil {
		if _, err = src.Seek(0, io.SeekStart); err == nil {
			mime, err = p.Pictures.Thumbnail(src, &out)
		}
	}
	switch {
	case src.err != nil: // which the reader of images may have taken for the image's
		return File{}, unavailable(src.err)
	case err != nil:
		return File{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	small := File{Name: newName(mime), Owner: f.Owner, Place: f.Place, Type: bus.Image, MIME: mime, CreatedAt: f.CreatedAt}
	if small.Width, small.Height, err = p.Pictures.Measure(bytes.NewReader(out.Bytes())); err != nil {
		return File{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	return small, p.write(ctx, &small, &out)
}

// undo removes what was begun and is not kept: best effort, as the collector comes behind.
func (p *putting) undo(ctx context.Context, kept []File) {
	var names []string
	var keys []string
	for _, f := range p.begun {
		if !has(kept, f.Name) {
			names, keys = append(names, f.Name), append(keys, key(f.Place, f.Name))
		}
	}
	if len(names) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	// First nobody can have them any more, also if a Finish took effect whose answer got lost.
	if p.Files.Doom(ctx, names) != nil {
		return
	}
	for i, name := range names {
		_ = p.remove(ctx, keys[i], name)
	}
}

func has(files []File, name string) bool {
	for _, f := range files {
		if f.Name == name {
			return true
		}
	}
	return false
}

// remove removes a file that nobody can have any more, first its bytes, last its row: what
// fails in between is known still.
func (s *Service) remove(ctx context.Context, key, name string) error {
	if err := s.Bucket.Remove(ctx, key); err != nil {
		return unavailable(err)
	}
	return s.Files.Forget(ctx, name)
}

// ended is the error of a request that is over: its sender went, or we took too long.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return unavailable(ctx.Err())
	}
	return fmt.Errorf("%w: %w", ErrBody, ctx.Err())
}

func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }

// meter reads as many bytes as are left, and fails with over at the next one.
type meter struct {
	r    io.Reader
	left int64
	over error
	err  error // what ended it, beside the end
}

func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if int64(len(p)) > m.left+1 {
		p = p[:m.left+1]
	}
	n, err := m.r.Read(p)
	if int64(n) > m.left {
		m.err = m.over
		return 0, m.err
	}
	m.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = fmt.Errorf("%w: %w", ErrBody, err)
		return n, m.err
	}
	return n, err
}

// count counts what is read.
type count struct {
	r io.Reader
	n int64
}

func (c *count) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// source remembers that it could not be read.
type source struct {
	io.ReadSeeker
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.ReadSeeker.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
