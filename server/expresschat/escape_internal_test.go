package expresschat

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// What is escaped decodes to what it was, once a page has inserted it as HTML.
func TestEscapedTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "plain", `<b>&"'`, `\u003c`, `\\u003c\"<`, `&lt;`, "\u2028<\x00>\n\t\\", `<img src=x onerror="alert('x')">`, "ü€😀<", "\xff<",
	} {
		in := map[string]any{"a": text, "list": []any{text, map[string]any{"deep": text}}, "n": 1.5, "null": nil, "yes": true}
		out, err := json.Marshal(escaped{in})
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		was := strings.ToValidUTF8(text, "\ufffd")
		shown := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(was)
		want := map[string]any{"a": shown, "list": []any{shown, map[string]any{"deep": shown}}, "n": 1.5, "null": nil, "yes": true}
		if !reflect.DeepEqual(got, want) || html.UnescapeString(shown) != was {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestWhoTakesHTML(t *testing.T) {
	t.Parallel()
	some := plainClients{ownClient, "other"}
	for shown, want := range map[string]bool{
		`{"client":"expresschat-web/1"}`: false, `{"client":"expresschat-web"}`: false, `{"client":"other/2.3"}`: false,
		`{"client":"Other/1"}`: true, `{"client":"expresschat-web2/1"}`: true, `{"client":"/expresschat-web"}`: true,
		`{"client":5}`: true, `{"client":["other"]}`: true, `{}`: true, ``: true, `{"client":""}`: true, `{"client":null}`: true,
	} {
		if got := some.takesHTML(json.RawMessage(shown)); got != want {
			t.Errorf("%s: %v", shown, got)
		}
		if plainClients(nil).takesHTML(json.RawMessage(shown)) {
			t.Errorf("%s is escaped though nothing is to be", shown)
		}
	}
}

// Nothing leaves the door by another way than escape.go, where the form is chosen.
func TestEverythingLeavesByOneFile(t *testing.T) {
	t.Parallel()
	leaves := regexp.MustCompile(`\b(socket|s|sock|out)\.(Emit|EmitAck)\(|\bcall\.Ack\(`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := leaves.FindAll(text, -1)
		switch {
		case file == "escape.go" && len(found) != 3:
			t.Errorf("escape.go has %d ways out, want 3: %q", len(found), found)
		case file != "escape.go" && !strings.HasSuffix(file, "_test.go") && len(found) > 0:
			t.Errorf("%s: %q", file, found)
		}
	}
}
