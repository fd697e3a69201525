//go:build unix

package localpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// oldest is the first major version that new clusters are made with.
const oldest = 14

// programs is one installed Postgres.
type programs struct {
	dir   string
	major int
}

func (p programs) postgres() string { return filepath.Join(p.dir, "postgres") }
func (p programs) initdb() string   { return filepath.Join(p.dir, "initdb") }

// candidates lists the folders that may hold Postgres' programs: the one on the
// PATH first, then where packages put them, which is mostly not on it.
func candidates() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// The PATH often has a link, and initdb only beside what it points to.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                          // Debian
		"/usr/pgsql-*/bin",                                   // RHEL
		"/opt/homebrew/opt/postgresql*/bin",                  // macOS
		"/usr/local/opt/postgresql*/bin",                     // macOS on Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",     // Homebrew on Linux
		"/Applications/Postgres.app/Contents/Versions/*/bin", // macOS
		"/usr/libexec/postgresql*",                           // Alpine
		"/usr/local/pgsql/bin",                               // from source
		"/usr/local/bin",
		"/usr/bin",
	} {
		if found, err := filepath.Glob(pattern); err == nil {
			dirs = append(dirs, found...)
		}
	}
	return dirs
}

// newest picks the programs for a new cluster.
func newest(ctx context.Context, candidates []string) (programs, error) {
	var best programs
	for _, p := range installed(ctx, candidates) {
		if p.major >= oldest && p.major > best.major {
			best = p
		}
	}
	if best.major == 0 {
		return programs{}, fmt.Errorf("%w: install version %d or newer (`apt-get install postgresql`, `brew install postgresql`) or set CHAT_DATABASE_URL",
			ErrNoPostgres, oldest)
	}
	return best, nil
}

// matching picks the programs for the cluster in dir: its own major version's.
func matching(ctx context.Context, candidates []string, dir string) (programs, error) {
	raw, err := os.ReadFile(filepath.Join(dir, versionFile))
	if err != nil {
		return programs{}, fmt.Errorf("read cluster version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return programs{}, fmt.Errorf("read cluster version of %s: %w", dir, err)
	}
	for _, p := range installed(ctx, candidates) {
		if p.major == major {
			return p, nil
		}
	}
	return programs{}, fmt.Errorf("%w: the database in %s needs PostgreSQL %d, install that version (`apt-get install postgresql-%d`, `brew install postgresql@%d`) or set CHAT_DATABASE_URL",
		ErrNoPostgres, dir, major, major, major)
}

// installed keeps the candidates that are a whole Postgres, in their order.
func installed(ctx context.Context, candidates []string) []programs {
	var found []programs
	for _, dir := range candidates {
		p := programs{dir: dir}
		if _, err := exec.LookPath(p.initdb()); err != nil {
			continue
		}
		var err error
		if p.major, err = version(ctx, p.postgres()); err == nil {
			found = append(found, p)
		}
	}
	return found
}

var versionPattern = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

func version(ctx context.Context, postgres string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, postgres, "-V").Output()
	if err != nil {
		return 0, err
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("%s does not tell its version", postgres)
	}
	return strconv.Atoi(string(m[1]))
}
