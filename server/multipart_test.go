package server_test

import (
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"testing"

	"expresschat/server"
)

var errTooMuch = errors.New("too much")

// readAll reads the parts of a body, of which those with a file's name are files.
func readAll(body io.Reader, most int) (texts []string, files int, err error) {
	m := server.NewMultipart(body, most, errTooMuch)
	for parts := multipart.NewReader(m, "b"); ; {
		m.InFile(false)
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return texts, files, nil
		}
		if err != nil {
			return texts, files, err
		}
		m.InFile(part.FileName() != "")
		text, err := io.ReadAll(part)
		if err != nil {
			return texts, files, err
		}
		if part.FileName() != "" {
			files += len(text)
			continue
		}
		texts = append(texts, string(text))
	}
}

func aPart(head, text string) string {
	return "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + text + "\r\n"
}

// A body is complete when its last line has come, with its line break or without, and nowhere
// before: not between two parts either, where no part lacks anything.
func TestMultipartThatIsCutOff(t *testing.T) {
	t.Parallel()
	for _, whole := range []string{
		aPart(`name="x"`, "one") + aPart(`name="file"; filename="a"`, "two") + aPart(`name="y"`, "") + "--b--\r\n",
		aPart(`name="file"; filename="a"`, "b--") + "--b--\r\n",
		"a preamble\r\n" + aPart(`name="x"`, "one") + "--b--\r\n",
		"--b--\r\n",
	} {
		for n := range len(whole) + 1 {
			_, _, err := readAll(strings.NewReader(whole[:n]), len(whole)+2)
			if complete := n == len(whole)-2 || n == len(whole); (err == nil) != complete {
				t.Errorf("%q: %v", whole[:n], err)
			}
		}
	}
}

// What a body has beside its files is bounded, heads and names included. Its files are not part
// of that, and whoever reads them is told of a body that can't be read.
func TestWhatMultipartHasBesideFiles(t *testing.T) {
	t.Parallel()
	const most, large = 20_000, 1 << 20
	file := aPart(`name="file"; filename="a"`, strings.Repeat("x", large))
	for what, tt := range map[string]struct {
		body  string
		texts int
		files int
		want  error
	}{
		"two files between texts": {aPart(`name="x"`, "y") + file + aPart(`name="x"`, "y") + file + aPart(`name="x"`, "y") + "--b--", 3, 2 * large, nil},
		"a long text":             {aPart(`name="x"`, strings.Repeat("y", most)) + "--b--", 0, 0, errTooMuch},
		"many texts":              {strings.Repeat(aPart(`name="x"`, "y"), most/10) + "--b--", -1, 0, errTooMuch},
		"a long name":             {aPart(`name="`+strings.Repeat("x", most)+`"`, "y") + "--b--", 0, 0, errTooMuch},
		"a head without end":      {"--b\r\nX: " + strings.Repeat("y", large), 0, 0, errTooMuch},
		"a long text past a file": {file + aPart(`name="x"`, strings.Repeat("y", most)) + "--b--", 0, large, errTooMuch},
		"a long preamble":         {strings.Repeat("x\r\n", most) + "--b--", 0, 0, errTooMuch},
	} {
		texts, files, err := readAll(strings.NewReader(tt.body), most)
		if !errors.Is(err, tt.want) || tt.texts >= 0 && len(texts) != tt.texts || files != tt.files {
			t.Errorf("%s: %d texts, %d bytes of files, %v", what, len(texts), files, err)
		}
	}
	broken := errors.New("broken")
	body := io.MultiReader(strings.NewReader(file[:len(file)/2]), readerFunc(func([]byte) (int, error) { return 0, broken }))
	if _, _, err := readAll(body, most); !errors.Is(err, broken) {
		t.Errorf("a body that can't be read: %v", err)
	}
}
