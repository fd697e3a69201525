package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"expresschat/store"
	"expresschat/store/localpg"
)

// database is an open store, and the private Postgres behind it if there is one.
type database struct {
	store   *store.Store
	private *localpg.Server
	gone    <-chan struct{} // nil without a private one
}

// privateStop bounds the shutdown of the private Postgres.
const privateStop = 20 * time.Second

func openDatabase(ctx context.Context, c config, log *slog.Logger) (*database, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	db := &database{}
	url := c.DatabaseURL
	if url == "" {
		private, err := localpg.Start(ctx, localpg.Options{DataDir: c.DataDir, Logger: log})
		if err != nil {
			return nil, fmt.Errorf("start private database: %w", err)
		}
		db.private, db.gone, url = private, private.Done(), private.URL()
	}
	var err error
	if db.store, err = store.Open(ctx, url, store.Conns{Lanes: c.lanes + spareLanes, Others: readers}, log); err != nil {
		if c.DatabaseURL != "" {
			err = fmt.Errorf("CHAT_DATABASE_URL leads nowhere: %w", err)
		}
		return nil, errors.Join(err, db.close())
	}
	if db.private != nil { // nobody else sends its mail
		if err := db.store.Outbox().Reclaim(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("reclaim mail: %w", err), db.close())
		}
	}
	return db, nil
}

func (d *database) close() error {
	if d.store != nil {
		d.store.Close()
	}
	if d.private == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), privateStop)
	defer cancel()
	if err := d.private.Stop(ctx); err != nil {
		return fmt.Errorf("stop private database: %w", err)
	}
	return nil
}
