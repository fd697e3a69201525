package web_test

import (
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// budget is how many bytes a first visit may cost.
const budget = 150_000

var (
	reference = regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)
	ofTexts   = regexp.MustCompile(`loadTexts\("(\w+)"\)`)
)

// loaded is all that a page loads, by its address, with what goes over the wire for it.
// Texts are those of one language.
func loaded(t *testing.T, page, language string) map[string]int {
	t.Helper()
	sizes := map[string]int{page: wire(t, page)}
	var queue []string
	add := func(addresses ...string) {
		for _, address := range addresses {
			if _, known := sizes[address]; !known {
				sizes[address] = wire(t, address)
				queue = append(queue, address)
			}
		}
	}
	for _, match := range reference.FindAllStringSubmatch(body(t, get(t, page)), -1) {
		add(match[1])
	}
	for ; len(queue) > 0; queue = queue[1:] {
		if path.Ext(queue[0]) != ".js" {
			continue
		}
		source := body(t, get(t, queue[0]))
		for _, match := range imported.FindAllStringSubmatch(source, -1) {
			add(path.Join(path.Dir(queue[0]), match[1]))
		}
		for _, match := range ofTexts.FindAllStringSubmatch(source, -1) {
			add("/static/i18n/" + match[1] + "." + language + ".js")
		}
	}
	return sizes
}

func wire(t *testing.T, address string) int {
	t.Helper()
	res := get(t, address, "Accept-Encoding", "gzip, br")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s is answered with %d", address, res.StatusCode)
	}
	return len(body(t, res))
}

func TestFirstLoadIsSmall(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"/", "/auth"} {
		for _, language := range []string{"en", "ar"} {
			sizes, sum := loaded(t, page, language), 0
			for _, size := range sizes {
				sum += size
			}
			t.Logf("%s in %s: %d files, %d bytes", page, language, len(sizes), sum)
			if len(sizes) < 8 || sum > budget {
				t.Errorf("%s in %s loads %d bytes, more than %d, or too few files: %v", page, language, sum, budget, sizes)
			}
		}
	}
}

// A browser that waits for one module to learn of the next is slow. What is loaded on the way
// may wait.
func TestImportsArePreloaded(t *testing.T) {
	t.Parallel()
	static := regexp.MustCompile(`(?m)^(?:import|export)\b[^"';]*"(\.[^"]+)"`)
	for _, page := range []string{"/", "/auth"} {
		html := body(t, get(t, page))
		for _, named := range reference.FindAllStringSubmatch(html, -1) {
			address := named[1]
			if path.Ext(address) != ".js" {
				continue
			}
			for _, match := range static.FindAllStringSubmatch(body(t, get(t, address)), -1) {
				module := path.Join(path.Dir(address), match[1])
				if !strings.Contains(html, `rel="modulepreload" href="`+module+`"`) {
					t.Errorf("%s does not preload %s", page, module)
				}
			}
		}
	}
}

// No page or style names another host.
func TestNothingComesFromElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere := regexp.MustCompile(`(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//`)
	for _, page := range []string{"/", "/auth"} {
		for address := range loaded(t, page, "en") {
			if path.Ext(address) != ".js" && elsewhere.MatchString(body(t, get(t, address))) {
				t.Errorf("%s names another host", address)
			}
		}
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ accept, want string }{
		"a browser":         {"gzip, deflate, br", "gzip"},
		"in capitals":       {"GZIP;q=0.5", "gzip"},
		"ruled out":         {"gzip;q=0, br", ""},
		"with a bad weight": {"gzip;q=x", ""},
		"something else":    {"br", ""},
		"none":              {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := get(t, "/auth", "Accept-Encoding", tt.accept)
			if got := res.Header.Get("Content-Encoding"); got != tt.want {
				t.Errorf("encoding %q, want %q", got, tt.want)
			}
			if got := res.Header.Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("Vary %q", got)
			}
		})
	}
	plain := get(t, "/auth").Header.Get("ETag")
	zipped := get(t, "/auth", "Accept-Encoding", "gzip").Header.Get("ETag")
	if plain == zipped || plain == "" {
		t.Errorf("tags %s and %s for two encodings", plain, zipped)
	}
	if status := get(t, "/auth", "Accept-Encoding", "gzip", "If-None-Match", `"x", W/`+zipped).StatusCode; status != http.StatusNotModified {
		t.Errorf("the newest tag among others is answered with %d", status)
	}
}

// texts are the texts' keys of a page in a language.
func texts(t *testing.T, page, language string) []string {
	t.Helper()
	source, ok := modules(t)["i18n/"+page+"."+language+".js"]
	if !ok {
		t.Fatalf("no texts of %s in %s", page, language)
	}
	keys := map[string]bool{}
	key := regexp.MustCompile(`(?m)^  (?:"([^"]+)"|(\w+)): `)
	for _, match := range key.FindAllStringSubmatch(source, -1) {
		keys[match[1]+match[2]] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

func TestEveryLanguageHasTheSameTexts(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^i18n/(\w+)\.(\w+)\.js$`)
	for file := range modules(t) {
		match := name.FindStringSubmatch(file)
		if match == nil {
			continue
		}
		if got, want := texts(t, match[1], match[2]), texts(t, match[1], "en"); !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s has the keys\n%q, English\n%q", file, got, want)
		}
	}
}

// A key without a text shows as itself, and a text without a use is one to translate in vain.
func TestEveryTextIsThereAndUsed(t *testing.T) {
	t.Parallel()
	use := regexp.MustCompile(`\bt\("([^"]+)"|"(problem-[a-z-]+)"|data-text="([^"]+)"`)
	made := regexp.MustCompile("`([a-z]+(?:\\.[A-Za-z-]+|\\.?\\$\\{[^}]*\\})+)`") // a key with parts that come in
	part := regexp.MustCompile(`\\\$\\\{.*?\\\}`)
	for page, html := range map[string]string{"auth": body(t, get(t, "/auth")), "chat": body(t, get(t, "/"))} {
		used := map[string]bool{}
		sources := html
		for name, source := range modules(t) {
			if strings.HasPrefix(name, page+"/") || !strings.Contains(name, "/") { // what both pages share
				sources += source
			}
		}
		for _, match := range use.FindAllStringSubmatch(sources, -1) {
			used[match[1]+match[2]+match[3]] = true
		}
		if len(used) == 0 {
			continue // a page that has no texts by key
		}
		var shapes []string
		for _, match := range made.FindAllStringSubmatch(sources, -1) {
			shapes = append(shapes, part.ReplaceAllString(regexp.QuoteMeta(match[1]), "[A-Za-z.-]*"))
		}
		shape := regexp.MustCompile("^(?:" + strings.Join(shapes, "|") + ")$")
		known := texts(t, page, "en")
		for key := range used {
			if !slices.Contains(known, key) {
				t.Errorf("%s: no text for %q", page, key)
			}
		}
		for _, key := range known {
			if page == "chat" && (strings.HasPrefix(key, "error.") || strings.HasPrefix(key, "news.")) {
				continue // test/chat-words.test.mjs holds them against their lists
			}
			if !strings.Contains(sources, `"`+key+`"`) && !(len(shapes) > 0 && shape.MatchString(key)) {
				t.Errorf("%s: the text %q is never shown", page, key)
			}
		}
	}
}
