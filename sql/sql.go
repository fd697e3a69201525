// Package sql holds the shape of the database: its migrations, in order.
package sql

import "embed"

// Migrations are the files that goose applies, named NNNNN_what.sql.
//
//go:embed *.sql
var Migrations embed.FS
