//go:build unix

package localpg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The names in a data folder.
const (
	insideName   = "postgres"
	locationName = "postgres.location"     // names a cluster outside, which is complete
	pendingName  = "postgres.location.new" // names one in the making
	versionFile  = "PG_VERSION"
)

// site is where a cluster lies, or will lie, and who runs it with what.
type site struct {
	dir      string
	exists   bool
	account  account
	programs programs
	dataDir  string
	outside  bool
}

// locate finds the cluster of a data folder, or a place for it. A place outside is
// noted before anything is made there, and recorded only when the cluster is
// complete. So an interrupted first start goes on where it was, and a recorded
// cluster that is missing is never taken for a first start.
func locate(ctx context.Context, o Options, candidates []string) (site, error) {
	dir, err := existing(o.DataDir)
	if err != nil {
		return site{}, err
	}
	if dir == "" {
		return newPlace(ctx, o, candidates)
	}
	s := site{dir: dir, exists: true, dataDir: o.DataDir}
	if s.account, err = ownerOf(dir); err != nil {
		return site{}, err
	}
	if s.programs, err = matching(ctx, candidates, dir); err != nil {
		return site{}, err
	}
	ok, err := s.account.reaches(ctx, s.programs, dir)
	if err != nil {
		return site{}, err
	}
	if !ok {
		return site{}, fmt.Errorf("user %s owns the database in %s but cannot enter that folder: let it pass through the folders above", s.account.name, dir)
	}
	return s, nil
}

// existing returns the cluster of a data folder, "" if it has none yet.
func existing(dataDir string) (string, error) {
	dir, err := readLocation(filepath.Join(dataDir, locationName))
	if err != nil {
		return "", err
	}
	if dir != "" {
		if !isCluster(dir) {
			return "", fmt.Errorf("%s names the database %s, which is not there: bring it back, or remove the file to begin with an empty one",
				filepath.Join(dataDir, locationName), dir)
		}
		return dir, nil
	}
	dir = filepath.Join(dataDir, insideName)
	if isCluster(dir) {
		return dir, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look at cluster: %w", err)
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("%s is neither empty nor a database", dir)
	}
	return "", nil
}

// isCluster tells whether dir is one. One that we may not look into is: who may
// comes later.
func isCluster(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, versionFile))
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// newPlace picks where to make the cluster.
func newPlace(ctx context.Context, o Options, candidates []string) (s site, err error) {
	s.dataDir = o.DataDir
	if s.account, err = newAccount(); err != nil {
		return site{}, err
	}
	if s.programs, err = newest(ctx, candidates); err != nil {
		return site{}, err
	}
	inside, err := s.account.reaches(ctx, s.programs, o.DataDir)
	if err != nil {
		return site{}, err
	}
	if inside {
		s.dir = filepath.Join(o.DataDir, insideName)
		return s, nil
	}
	if err := makeSystemDir(o.SystemDir); err != nil {
		return site{}, err
	}
	ok, err := s.account.reaches(ctx, s.programs, o.SystemDir)
	if err != nil {
		return site{}, err
	}
	if !ok {
		return site{}, fmt.Errorf("user %s can enter neither %s nor %s", s.account.name, o.DataDir, o.SystemDir)
	}
	s.outside = true
	if s.dir, err = pendingLocation(o); err != nil {
		return site{}, err
	}
	if !isCluster(s.dir) {
		return s, nil
	}
	// An earlier start was killed right before the last step.
	if err := s.record(); err != nil {
		return site{}, err
	}
	return locate(ctx, o, candidates)
}

// makeSystemDir makes the folder of clusters that lie outside: others may pass
// through, and see nothing.
func makeSystemDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return fmt.Errorf("make system folder: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { // whatever the umask is
		return fmt.Errorf("make system folder: %w", err)
	}
	return nil
}

// pendingLocation names a cluster in the making, under a new random name or that of
// the start before.
func pendingLocation(o Options) (string, error) {
	path := filepath.Join(o.DataDir, pendingName)
	if dir, err := readLocation(path); err == nil && filepath.Dir(dir) == filepath.Clean(o.SystemDir) {
		return dir, nil
	}
	dir := filepath.Join(o.SystemDir, strings.ToLower(rand.Text()))
	if err := os.WriteFile(path, []byte(dir+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("note cluster location: %w", err)
	}
	return dir, nil
}

// record makes the location of a complete cluster outside lasting.
func (s site) record() error {
	if !s.outside {
		return nil
	}
	if err := os.Rename(filepath.Join(s.dataDir, pendingName), filepath.Join(s.dataDir, locationName)); err != nil {
		return fmt.Errorf("record cluster location: %w", err)
	}
	return syncDir(s.dataDir)
}

// readLocation returns "" if there is no such file.
func readLocation(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read cluster location: %w", err)
	}
	dir := strings.TrimSpace(string(raw))
	if !filepath.IsAbs(dir) {
		return "", fmt.Errorf("%s does not name a folder", path)
	}
	return filepath.Clean(dir), nil
}
