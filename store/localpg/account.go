//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that Postgres runs as, and that owns the cluster.
type account struct {
	name     string
	uid, gid uint32
	groups   []uint32
	switched bool // we are root and Postgres is not: it refuses to be
}

// newAccount picks the user for a new cluster: ourselves, or, as root, the user that
// packages of Postgres make, or one that every system has.
func newAccount() (account, error) {
	if os.Geteuid() != 0 {
		return self(), nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		return fromUser(u)
	}
	return account{}, errors.New("postgres refuses to run as root, and there is neither a user postgres nor nobody: add one, or start the server as another user")
}

// ownerOf is the user for the cluster in dir, which must be its owner.
func ownerOf(dir string) (account, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return account{}, fmt.Errorf("look at cluster: %w", err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	if me := os.Geteuid(); me != 0 {
		if int(stat.Uid) != me {
			return account{}, fmt.Errorf("the database in %s belongs to user id %d: start the server as that user or as root", dir, stat.Uid)
		}
		return self(), nil
	}
	if stat.Uid == 0 {
		return account{}, fmt.Errorf("the database in %s belongs to root, as whom postgres refuses to run: give it to another user with chown -R", dir)
	}
	id := strconv.FormatUint(uint64(stat.Uid), 10)
	u, err := user.LookupId(id)
	if err != nil { // a user may own files and have no entry
		return account{name: id, uid: stat.Uid, gid: stat.Gid, switched: true}, nil
	}
	return fromUser(u)
}

func self() account {
	id := os.Geteuid()
	return account{name: strconv.Itoa(id), uid: uint32(id), gid: uint32(os.Getegid())}
}

func fromUser(u *user.User) (account, error) {
	ids, err := u.GroupIds()
	if err != nil {
		return account{}, fmt.Errorf("groups of user %s: %w", u.Username, err)
	}
	var numbers []uint32
	for _, text := range append([]string{u.Uid, u.Gid}, ids...) {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("ids of user %s: %w", u.Username, err)
		}
		numbers = append(numbers, uint32(n))
	}
	return account{
		name: u.Username, uid: numbers[0], gid: numbers[1], groups: numbers[2:], switched: true,
	}, nil
}

// command is a program run as the account, in dir, in a session of its own: Ctrl-C
// in a terminal is for the server, which then stops its database last. Of our
// environment it gets nothing, for there are secrets in it, and settings of clients.
func (a account) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + filepath.Dir(program) + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
	}
	return cmd
}

// own gives dir, which we just made, to the account.
func (a account) own(dir string) error {
	if !a.switched {
		return nil
	}
	if err := os.Lchown(dir, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give folder to user %s: %w", a.name, err)
	}
	return nil
}

// reaches tells whether the account can enter dir, by doing it: modes do not tell
// everything (access lists, network mounts). An error means that it cannot run the
// programs anywhere.
func (a account) reaches(ctx context.Context, p programs, dir string) (bool, error) {
	if !a.switched {
		return true, nil
	}
	if err := a.try(ctx, p, "/"); err != nil {
		return false, fmt.Errorf("user %s cannot run %s: %w", a.name, p.postgres(), err)
	}
	err := a.try(ctx, p, dir)
	if err != nil && !errors.Is(err, os.ErrPermission) {
		return false, fmt.Errorf("enter %s as user %s: %w", dir, a.name, err)
	}
	return err == nil, nil
}

func (a account) try(ctx context.Context, p programs, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return a.command(dir, p.postgres(), "-V").Run()
}
