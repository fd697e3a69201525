// Package expresschat_test checks what no compiler does: which package of this module
// may know which. docs/architecture.md says why.
package expresschat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrow says what the packages that from names may import of this module. A name means
// one package, with /... it and all below it; the first arrow that names a package counts.
type arrow struct {
	from string
	to   string // names, separated by spaces
	// domain packages hold rules. Of other people's packages they import only those in
	// libraries, and of the standard library nothing that serves or stores.
	domain    bool
	libraries string
}

// arrows has a row for every package of the module.
var arrows = []arrow{
	{from: "cmd/...", to: "..."},

	{from: "server/doortest", to: "server server/files server/problem auth bus chat chat/lane groups media media/bucket media/picture push push/webpush socketio store store/storetest"},
	{from: "server/...", to: "server/... auth chat groups bus media push socketio templates throttle web"},
	{from: "templates", to: ""},
	{from: "web", to: ""},

	{from: "socketio", to: ""},
	{from: "socketio/packet", to: ""},
	{from: "socketio/acks", to: "socketio"},
	{from: "socketio/hooks", to: "socketio socketio/crew"},
	{from: "socketio/payload", to: ""},
	{from: "socketio/crew", to: ""},
	{from: "socketio/engineio", to: "socketio/crew socketio/payload"},
	{from: "socketio/own", to: "socketio socketio/acks socketio/engineio socketio/hooks socketio/packet"},
	{from: "socketio/zishang", to: "socketio socketio/acks socketio/crew socketio/hooks socketio/packet"},
	{from: "socketio/enginetest", to: "socketio"},

	{from: "auth", to: "", domain: true, libraries: "github.com/google/uuid github.com/golang-jwt/jwt golang.org/x/crypto golang.org/x/text"},
	{from: "bus", to: "auth", domain: true, libraries: "github.com/google/uuid"},
	{from: "chat", to: "auth bus", domain: true, libraries: "github.com/google/uuid"},
	{from: "chat/lane", to: "chat auth bus", domain: true, libraries: "github.com/google/uuid"},
	{from: "groups", to: "auth bus", domain: true, libraries: "github.com/google/uuid"},
	{from: "auth/mailer", to: "auth outbox templates"},
	{from: "outbox", to: ""},
	{from: "throttle", to: ""},
	{from: "media", to: "auth bus", domain: true, libraries: "github.com/gabriel-vasile/mimetype"},
	{from: "media/bucket", to: "media"},
	{from: "media/picture", to: ""},
	{from: "push", to: "auth bus outbox throttle", domain: true, libraries: "github.com/google/uuid"},
	{from: "push/...", to: "bus push"},

	{from: "store", to: "auth chat groups bus media outbox push sql"},
	{from: "store/localpg", to: ""},
	{from: "store/cable", to: ""},
	{from: "store/storetest", to: "store store/localpg sql auth"},
	{from: "sql", to: ""},

	{from: "bench/process", to: ""},
	{from: "bench/results", to: ""},
	{from: "bench/websocket", to: ""},
	{from: "bench/chat", to: "bench/chat/... bench/process bench/results auth bus chat store socketio socketio/own"},
	{from: "bench/chat/load", to: "bench/chat/sockets bench/websocket"},
	{from: "bench/chat/sockets", to: "bench/websocket"},
	{from: "bench/chat/world", to: ""},
	{from: "bench/chat/cluster", to: "bench/process store/localpg"},
	{from: "bench/socketio", to: "bench/socketio/load bench/process bench/results socketio socketio/own socketio/zishang"},
	{from: "bench/socketio/load", to: "bench/process bench/websocket"},

	{from: "e2e", to: "store/cable"},
	{from: "", to: ""}, // this test
}

const (
	module = "expresschat"
	// library speaks Socket.IO. Only its adapter knows it, so that it can be replaced.
	library = "github.com/zishang520"
	// libraryIn and libraryInTests are who may import it. The tests below socketio and
	// in e2e have its client as a peer.
	libraryIn      = "socketio/zishang"
	libraryInTests = "socketio/... e2e"
	// forTests are packages that only tests import, and each other.
	forTests = "server/doortest store/cable store/storetest socketio/enginetest"
	// notInDomain is the part of the standard library that serves or stores.
	notInDomain = "net net/http/... database/..."
)

// pkg is the part of an answer of go list that the arrows are about.
type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestArrows(t *testing.T) {
	t.Parallel()
	packages, err := listPackages()
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 10 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, problem := range violations(arrows, packages) {
		t.Error(problem)
	}
}

func TestArrowsCanFail(t *testing.T) {
	t.Parallel()
	table := []arrow{
		{from: "cmd/...", to: "..."},
		{from: "auth", domain: true, libraries: "github.com/golang-jwt/jwt"},
		{from: "chat", to: "auth", domain: true},
		{from: "store", to: "auth"},
		{from: "socketio"},
		{from: "socketio/zishang", to: "socketio"},
		{from: "e2e", to: "store/cable"},
	}
	tests := map[string]struct {
		pkg  pkg
		want string // part of the only violation, or nothing
	}{
		"an allowed arrow":            {pkg{ImportPath: "expresschat/chat", Imports: []string{"expresschat/auth", "strings"}}, ""},
		"all is allowed":              {pkg{ImportPath: "expresschat/cmd/tool", Imports: []string{"expresschat/store", "net/http"}}, ""},
		"an arrow that is not there":  {pkg{ImportPath: "expresschat/chat", Imports: []string{"expresschat/store"}}, "chat imports store"},
		"below an allowed package":    {pkg{ImportPath: "expresschat/chat", Imports: []string{"expresschat/auth/mailer"}}, "chat imports auth/mailer"},
		"a package not in the table":  {pkg{ImportPath: "expresschat/util"}, "util has no row"},
		"tests go against the arrows": {pkg{ImportPath: "expresschat/chat", XTestImports: []string{"expresschat/store"}}, ""},
		"a library of the domain":     {pkg{ImportPath: "expresschat/auth", Imports: []string{"github.com/golang-jwt/jwt/v5"}}, ""},
		"a driver in the domain":      {pkg{ImportPath: "expresschat/auth", Imports: []string{"github.com/jackc/pgx/v5"}}, "auth imports github.com/jackc/pgx/v5"},
		"a namesake of a library":     {pkg{ImportPath: "expresschat/auth", Imports: []string{"github.com/golang-jwt/jwtx"}}, "auth imports github.com/golang-jwt/jwtx"},
		"a server in the domain":      {pkg{ImportPath: "expresschat/auth", Imports: []string{"net/http/httputil"}}, "auth imports net/http/httputil"},
		"addresses in the domain":     {pkg{ImportPath: "expresschat/auth", Imports: []string{"net/mail", "net/url"}}, ""},
		"a driver in the store":       {pkg{ImportPath: "expresschat/store", Imports: []string{"github.com/jackc/pgx/v5"}}, ""},
		"the adapter":                 {pkg{ImportPath: "expresschat/socketio/zishang", Imports: []string{"expresschat/socketio", library + "/x"}}, ""},
		"the library elsewhere":       {pkg{ImportPath: "expresschat/store", Imports: []string{library + "/x"}}, "store imports " + library},
		"the library above":           {pkg{ImportPath: "expresschat/socketio", Imports: []string{library + "/x"}}, "socketio imports " + library},
		"the library in its tests":    {pkg{ImportPath: "expresschat/socketio", XTestImports: []string{library + "/x"}}, ""},
		"the library in e2e":          {pkg{ImportPath: "expresschat/e2e", TestImports: []string{library + "/x"}}, ""},
		"the library in other tests":  {pkg{ImportPath: "expresschat/store", TestImports: []string{library + "/x"}}, "store's tests import " + library},
		"a test's package":            {pkg{ImportPath: "expresschat/cmd/tool", Imports: []string{"expresschat/store/storetest"}}, "cmd/tool imports store/storetest"},
		"and in a test":               {pkg{ImportPath: "expresschat/store", XTestImports: []string{"expresschat/store/storetest"}}, ""},
		"e2e knows the server":        {pkg{ImportPath: "expresschat/e2e", TestImports: []string{"expresschat/store"}}, "e2e's tests import store"},
		"e2e loses connections":       {pkg{ImportPath: "expresschat/e2e", TestImports: []string{"expresschat/store/cable"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := violations(table, []pkg{tt.pkg})
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("found %q", got)
			case tt.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], tt.want)):
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// violations are all imports that the table does not allow, as lines to print.
func violations(table []arrow, packages []pkg) []string {
	var found []string
	for _, p := range packages {
		name := ours(p.ImportPath)
		row := slices.IndexFunc(table, func(a arrow) bool { return within(name, a.from) })
		if row < 0 {
			found = append(found, name+" has no row in the table of arrows")
			continue
		}
		for _, path := range p.Imports {
			if !table[row].allows(path) || isLibrary(path) && !within(name, libraryIn) || isForTests(path) && !within(name, forTests) {
				found = append(found, fmt.Sprintf("%s imports %s", name, ours(path)))
			}
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if isLibrary(path) && !within(name, libraryInTests) || isOurs(path) && name == "e2e" && !table[row].allows(path) {
				found = append(found, fmt.Sprintf("%s's tests import %s", name, ours(path)))
			}
		}
	}
	return found
}

// allows knows nothing of the library, which is nobody's but its adapter's.
func (a arrow) allows(path string) bool {
	switch {
	case isOurs(path):
		return within(ours(path), a.to)
	case !a.domain:
		return true
	case isStandard(path):
		return !within(path, notInDomain)
	default:
		return slices.ContainsFunc(strings.Fields(a.libraries), func(l string) bool { return within(path, l+"/...") })
	}
}

// within reports whether one of names, separated by spaces, means the package.
func within(name, names string) bool {
	if names == "" {
		return name == ""
	}
	return slices.ContainsFunc(strings.Fields(names), func(n string) bool {
		below, all := strings.CutSuffix(n, "...")
		if !all {
			return name == n
		}
		return strings.HasPrefix(name+"/", below)
	})
}

func isOurs(path string) bool    { return path == module || strings.HasPrefix(path, module+"/") }
func isLibrary(path string) bool { return strings.HasPrefix(path, library+"/") }

func isForTests(path string) bool { return isOurs(path) && within(ours(path), forTests) }

// isStandard reports whether a path is one of the standard library's, none of which
// starts with a host.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// ours is a path without the module's name.
func ours(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func listPackages() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-buildvcs=false", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	var packages []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the answer of go list: %w", err)
		}
		packages = append(packages, p)
	}
}
