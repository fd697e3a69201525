package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"expresschat/auth"
)

const secretBytes = 48

// secret returns the one that was set, or else the one kept under name in the data dir,
// made at the first start. Of two servers that make it at once, both use the one whose
// file was there first.
func secret(set, dir, name string) ([]byte, error) {
	if set != "" {
		return []byte(set), nil
	}
	path := filepath.Join(dir, name)
	kept, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeSecret(dir, path); err != nil {
			return nil, fmt.Errorf("make secret: %w", err)
		}
		kept, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	value := strings.TrimSpace(string(kept))
	if len(value) < auth.MinSecret {
		return nil, fmt.Errorf("%s holds fewer than %d bytes: remove it to have a new one made, which signs everybody out", path, auth.MinSecret)
	}
	return []byte(value), nil
}

// makeSecret writes the whole file under another name first, and then links it, which
// fails if there is one: so nobody ever reads half a secret.
func makeSecret(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	random := make([]byte, secretBytes)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.RawStdEncoding.EncodeToString(random) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
