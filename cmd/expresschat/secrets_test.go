package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
			list, err := secrets("", dir, "s")
			if err != nil || len(list) != 1 {
				t.Errorf("%d secrets, %v", len(list), err)
				return
			}
			made[i] = list[0]
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

func TestSecretsThatWereSetAreUsed(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]string{
		"set":             `["set"]`,
		" with spaces ":   `[" with spaces "]`,
		"new,old":         `["new" "old"]`,
		"new, old , more": `["new" "old" "more"]`,
		"new,":            `["new" ""]`, // and so refused
	} {
		dir := t.TempDir()
		list, err := secrets(set, dir, "s")
		if got := fmt.Sprintf("%q", list); err != nil || got != want {
			t.Errorf("%q: %s, want %s: %v", set, got, want, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Error("one was made all the same")
		}
	}
}

func TestAShortSecretFileIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	long := strings.Repeat("s", 32)
	for kept, good := range map[string]bool{
		"short\n": false, "\n": false, long + ",short\n": false, long + "\n": true, long + "," + long + "\n": true,
	} {
		if err := os.WriteFile(filepath.Join(dir, "s"), []byte(kept), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := secrets("", dir, "s"); (err == nil) != good {
			t.Errorf("%q: %v", kept, err)
		}
	}
}
