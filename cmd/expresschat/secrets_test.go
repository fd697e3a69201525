package main

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestASecretIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	const starts = 8
	made := make([][]byte, starts)
	var wg sync.WaitGroup
	for i := range starts {
		wg.Go(func() {
			var err error
			if made[i], err = secret("", dir, "s"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range made {
		if len(s) < 32 || !bytes.Equal(s, made[0]) {
			t.Errorf("%d bytes, or another secret than the first start's", len(s))
		}
	}
	info, err := os.Stat(filepath.Join(dir, "s"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files, %v", len(left), err)
	}
}

func TestASecretThatWasSetIsUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := secret("set", dir, "s")
	if err != nil || string(s) != "set" {
		t.Errorf("%q, %v", s, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Error("one was made all the same")
	}
}

func TestAShortSecretFileIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s"), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secret("", dir, "s"); err == nil {
		t.Error("no error")
	}
}
