package media

import (
	"crypto/rand"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameLength is of a file's name without its extension: 32 letters and digits of which nobody
// knows one, some 165 bits.
const nameLength = 32

// alphabet has no capitals, because some file systems take them for small ones.
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

// extensions are what files of a type are called. What is not here is .bin: nothing that a
// browser or a desktop would run gets its own.
var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/avif": ".avif",
	"image/heic": ".heic", "image/bmp": ".bmp", "image/tiff": ".tiff",
	"video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov", "video/3gpp": ".3gp", "video/3gpp2": ".3g2",
	"video/x-matroska": ".mkv", "video/ogg": ".ogv", "video/mpeg": ".mpg", "video/x-msvideo": ".avi", "video/x-m4v": ".m4v",
	"audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a", "audio/aac": ".aac", "audio/ogg": ".ogg", "application/ogg": ".ogg",
	"audio/wav": ".wav", "audio/flac": ".flac", "audio/amr": ".amr", "audio/aiff": ".aiff",
	"application/pdf": ".pdf", "application/zip": ".zip", "text/plain": ".txt", "text/csv": ".csv",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"application/vnd.oasis.opendocument.text":                                   ".odt",
}

// newName makes a name for a file of a type.
func newName(mime string) string {
	b := make([]byte, 0, nameLength)
	for len(b) < nameLength {
		var random [2 * nameLength]byte
		_, _ = rand.Read(random[:]) // it never fails
		for _, r := range random {
			// 252 is seven times the alphabet: what is beyond would make some letters likelier.
			if int(r) < 7*len(alphabet) && len(b) < nameLength {
				b = append(b, alphabet[int(r)%len(alphabet)])
			}
		}
	}
	ext := extensions[mime]
	if ext == "" {
		ext = ".bin"
	}
	return string(b) + ext
}

// IsName tells whether s may be the name of a file: it looks like those that Put gives, has 34
// to 38 bytes, and is as it is a part of a path or an address. No other leads to the bucket.
func IsName(s string) bool {
	if len(s) < nameLength+2 || len(s) > nameLength+6 || s[nameLength] != '.' {
		return false
	}
	for i := range len(s) {
		if i != nameLength && strings.IndexByte(alphabet, s[i]) < 0 {
			return false
		}
	}
	return true
}

// maxTitle bounds a title, in bytes: what file systems take for a name.
const maxTitle = 255

// maxExtension is how much at the end of a long title is kept.
const maxExtension = 16

// CleanTitle makes of what somebody calls a file what others can be shown: its base name,
// whatever separates folders, valid UTF-8 without control characters and those that nobody
// sees or that turn text around, 255 bytes at most. It may be empty.
func CleanTitle(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = trimTitle(strings.Map(visible, s))
	if len(s) > maxTitle {
		ext := path.Ext(s)
		if len(ext) > maxExtension {
			ext = ""
		}
		s = trimTitle(cut(s, maxTitle-len(ext)) + ext)
	}
	if strings.Trim(s, ".") == "" {
		return "" // which would be this folder, or the one above
	}
	return s
}

func trimTitle(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

// cut keeps the first n bytes, or fewer, at the end of a character.
func cut(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// visible drops a character that is none. Two that can't be seen are part of how words and
// emoji are written.
func visible(r rune) rune {
	const nonJoiner, joiner = '\u200c', '\u200d'
	switch {
	case r == nonJoiner || r == joiner:
		return r
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point):
		return -1
	}
	return r
}
