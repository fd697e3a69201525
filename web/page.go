package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// staticContents is every file below static by its path there. An embedded file can't
// fail to be read, so there is no error to return.
func staticContents() map[string][]byte {
	contents := map[string][]byte{}
	_ = fs.WalkDir(embedded, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := embedded.ReadFile(name)
		contents[strings.TrimPrefix(name, "static/")] = content
		return err
	})
	return contents
}

// version is the hash of all names and contents.
func version(contents map[string][]byte) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		sum.Write([]byte(name + "\x00"))
		sum.Write(contents[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// page is a page that loads the versioned files. It names the modules that its scripts
// import, so that a browser asks for all at once and not for one after another.
func page(name string, contents map[string][]byte, versioned string) []byte {
	source, _ := embedded.ReadFile(name) // as in staticContents
	html := string(source)
	var links strings.Builder
	for _, module := range imports(html, contents) {
		links.WriteString(`  <link rel="modulepreload" href="` + prefix + module + "\">\n")
	}
	html = strings.Replace(html, "</head>", links.String()+"</head>", 1)
	return []byte(strings.ReplaceAll(html, prefix, versioned))
}

// imports is what the scripts of a page import, themselves or by what they import, in the
// order in which that is met.
func imports(html string, contents map[string][]byte) []string {
	script := regexp.MustCompile(`<script type="module" src="` + prefix + `([^"]+)"`)
	// An import without braces or with, over one line or several, or an export of
	// another's. One in the middle of a function depends on what happens there.
	static := regexp.MustCompile(`(?m)^(?:import|export)\b[^"';]*["'](\.[^"']+)["']`)
	var queue, found []string
	seen := map[string]bool{}
	for _, match := range script.FindAllStringSubmatch(html, -1) {
		queue = append(queue, match[1])
		seen[match[1]] = true
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, match := range static.FindAllSubmatch(contents[queue[0]], -1) {
			module := path.Join(path.Dir(queue[0]), string(match[1]))
			if !seen[module] {
				seen[module] = true
				queue, found = append(queue, module), append(found, module)
			}
		}
	}
	return found
}
