package media_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"expresschat/media"
)

func TestTitles(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"cat.jpg": "cat.jpg", "../../etc/passwd": "passwd", `C:\Users\ana\cat.jpg`: "cat.jpg", `..\/x\..`: "", "/": "", "..": "", "...": "",
		"a\x00b\r\nc\t.txt": "abc.txt", "\u202egpj.exe": "gpj.exe", "a\u2066b\u2069\u200f\ufeffc": "abc", "bad\xff\xfename": "badname",
		" x.png \u2028": "x.png", "été 2026.jpeg": "été 2026.jpeg", "👩‍👩‍👧.png": "👩‍👩‍👧.png", "\u00a0": "", ".htaccess": ".htaccess",
		strings.Repeat("é", 200) + ".jpeg": strings.Repeat("é", 125) + ".jpeg",
		strings.Repeat("x", 300):           strings.Repeat("x", 255),
		"a." + strings.Repeat("y", 300):    "a." + strings.Repeat("y", 253),
		"<img src=x onerror=alert(1)>":     "<img src=x onerror=alert(1)>", `"; filename="x`: `"; filename="x`,
	} {
		if got := media.CleanTitle(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

// What is no name leads nowhere: neither in the bucket, nor out of an address that it is put into.
func TestNames(t *testing.T) {
	t.Parallel()
	const letters = "0123456789abcdefghijklmnopqrstuv"
	for name, want := range map[string]bool{
		letters + ".jpg": true, letters + ".3g2": true, letters + ".x": true, letters + ".xhtml": true,
		"": false, letters: false, letters + ".": false, letters + ".folder": false, letters[1:] + ".jpg": false, letters + "w.jpg": false,
		letters[1:] + "..jpg": false, "../" + letters[3:] + ".jpg": false, letters[1:] + "/.jpg": false, letters[1:] + "A.jpg": false,
		letters + ".j%g": false, letters + ".j\x00g": false, letters + "\n.jpg": false, letters[2:] + "\u00e9.jpg": false, "cat.jpg": false,
	} {
		if media.IsName(name) != want {
			t.Errorf("%q is a name: %v", name, !want)
		}
	}
}

// Whatever somebody calls a file, what is made of it is a name that can be shown.
func FuzzTitles(f *testing.F) {
	for _, s := range []string{"cat.jpg", `a\b/c`, "\u202ex", strings.Repeat("é", 200) + ".x", strings.Repeat(" ", 300) + ".", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := media.CleanTitle(s)
		if !utf8.ValidString(got) || len(got) > 255 || strings.ContainsAny(got, "/\\\x00\r\n\x7f\u202e\u2066\u2028") || got == "." || got == ".." ||
			strings.TrimSpace(got) != got {
			t.Errorf("%q: %q", s, got)
		}
		if again := media.CleanTitle(got); again != got {
			t.Errorf("%q: %q, and then %q", s, got, again)
		}
	})
}
