package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"expresschat/auth"
	"expresschat/store"
	"expresschat/store/localpg"
)

// errUsage is of arguments that are none of the command's.
var errUsage = errors.New("wrong usage")

// commandPatience bounds a command that asks the database.
const commandPatience = time.Minute

// sessions lists or ends sessions, beside a server that runs or without one: whoever serves
// hears of the ends from the database. args are those behind the command's name. It shows no
// address but in what it was given.
func sessions(ctx context.Context, args, environ []string, stdout io.Writer) error {
	do, who, id, err := sessionsArgs(args)
	if err != nil {
		return err
	}
	c, err := readConfig(environ)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, commandPatience)
	defer cancel()
	db, err := reachDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer db.Close()
	if do == "all" {
		n, err := db.RevokeAll(ctx, time.Now())
		return report(stdout, n, err)
	}
	user, err := findUser(ctx, db, who)
	if err != nil {
		return err
	}
	if do == "list" {
		return listSessions(ctx, db, user, stdout)
	}
	n, err := endSessions(ctx, db, user, id)
	return report(stdout, n, err)
}

// sessionsArgs is what to do: "list", "end", or "all" for ending all there are.
func sessionsArgs(args []string) (do, who string, id auth.SessionID, err error) {
	switch {
	case len(args) == 2 && args[0] == "end" && args[1] == "--all":
		return "all", "", "", nil
	case len(args) < 2 || strings.HasPrefix(args[1], "-"):
		return "", "", "", errUsage
	case len(args) == 2 && (args[0] == "list" || args[0] == "end"):
		return args[0], args[1], "", nil
	case len(args) == 3 && args[0] == "end" && args[2] != "": // one that is empty must not end all
		return "end", args[1], auth.SessionID(args[2]), nil
	}
	return "", "", "", errUsage
}

// reachDatabase leads to the database of a server, and changes nothing about it.
func reachDatabase(ctx context.Context, c config) (*store.Store, error) {
	url := c.DatabaseURL
	if url == "" {
		var err error
		url, err = localpg.Running(c.DataDir)
		if errors.Is(err, localpg.ErrNotRunning) {
			return nil, fmt.Errorf("the private database in %s is not running: start the server, or set CHAT_DATA_DIR or CHAT_DATABASE_URL as it has them", c.DataDir)
		}
		if err != nil {
			return nil, err
		}
	}
	db, err := store.Reach(ctx, url, store.Conns{Lanes: 1, Others: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, fmt.Errorf("CHAT_DATABASE_URL leads nowhere: %w", err)
	}
	return db, nil
}

// findUser is who has an id, or signs in with an address, in this order.
func findUser(ctx context.Context, db *store.Store, who string) (auth.UserID, error) {
	var account auth.Account
	id, err := auth.ParseUserID(who)
	if err == nil {
		account, err = db.AccountOf(ctx, id)
	} else {
		account, err = db.Account(ctx, auth.EmailKey(who))
	}
	if err != nil {
		return "", fmt.Errorf("look up user: %w", err)
	}
	return account.ID, nil
}

// shownTime is how moments are shown, in UTC.
const shownTime = "2006-01-02 15:04"

func listSessions(ctx context.Context, db *store.Store, user auth.UserID, stdout io.Writer) error {
	list, err := db.Sessions(ctx, user, time.Now(), math.MaxInt32)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	if len(list) == 0 {
		fmt.Fprintln(stdout, "no sessions")
		return nil
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SESSION\tKIND\tSINCE (UTC)\tLAST USED\tUNTIL")
	for _, s := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.ID, s.Kind,
			s.CreatedAt.UTC().Format(shownTime), s.UsedAt.UTC().Format(shownTime), s.ExpiresAt.UTC().Format(shownTime))
	}
	return table.Flush()
}

// endSessions ends one session, or all where id is empty.
func endSessions(ctx context.Context, db *store.Store, user auth.UserID, id auth.SessionID) (int, error) {
	if id == "" {
		return db.RevokeSessions(ctx, user, time.Now())
	}
	if auth.CheckID(string(id)) != nil {
		return 0, auth.ErrNoSession
	}
	ended, err := db.RevokeSession(ctx, user, id, time.Now())
	if err == nil && !ended {
		err = auth.ErrNoSession
	}
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// report says how many sessions have ended, some of them even if it failed.
func report(stdout io.Writer, n int, err error) error {
	sessions := "sessions"
	if n == 1 {
		sessions = "session"
	}
	if err == nil || n > 0 {
		fmt.Fprintln(stdout, n, sessions, "ended")
	}
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
