package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"expresschat/auth"
)

const secretBytes = 48

// splitSecrets reads a list with commas between its entries. There may be spaces around
// those, but what has no comma is one secret as it stands.
func splitSecrets(value string) [][]byte {
	if value == "" {
		return nil
	}
	if !strings.Contains(value, ",") {
		return [][]byte{[]byte(value)}
	}
	var list [][]byte
	for s := range strings.SplitSeq(value, ",") {
		list = append(list, []byte(strings.TrimSpace(s)))
	}
	return list
}

func longEnough(list [][]byte) bool {
	return !slices.ContainsFunc(list, func(s []byte) bool { return len(s) < auth.MinSecret })
}

// shareOne is whether a secret is in both lists.
func shareOne(a, b [][]byte) bool {
	return slices.ContainsFunc(a, func(x []byte) bool {
		return slices.ContainsFunc(b, func(y []byte) bool { return bytes.Equal(x, y) })
	})
}

// secrets returns those that were set, or else those kept under name in the data dir, of
// which one is made at the first start. Of two servers that make it at once, both use the
// one whose file was there first.
func secrets(set, dir, name string) ([][]byte, error) {
	if set != "" {
		return splitSecrets(set), nil
	}
	path := filepath.Join(dir, name)
	kept, err := keep(dir, path, randomSecret)
	if err != nil {
		return nil, err
	}
	list := splitSecrets(kept)
	if len(list) == 0 || !longEnough(list) {
		return nil, fmt.Errorf("%s holds fewer than %d bytes: remove it to have a new one made, which signs everybody out", path, auth.MinSecret)
	}
	return list, nil
}

func randomSecret() (string, error) {
	random := make([]byte, secretBytes)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(random), nil
}

// keep returns what is in a file of the data dir, or else makes it and keeps it there.
func keep(dir, path string, make func() (string, error)) (string, error) {
	kept, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeOnce(dir, path, make); err != nil {
			return "", fmt.Errorf("make secret: %w", err)
		}
		kept, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return strings.TrimSpace(string(kept)), nil
}

// makeOnce writes the whole file under another name first, and then links it, which
// fails if there is one: so nobody ever reads half a secret.
func makeOnce(dir, path string, make func() (string, error)) error {
	secret, err := make()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(secret + "\n")
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
