package store_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"expresschat/chat"
	"expresschat/store"
)

func TestWhatAnErrorOfPostgresMeans(t *testing.T) {
	t.Parallel()
	state := func(code string) error { return &pgconn.PgError{Code: code} }
	_, refused := pgconn.Connect(t.Context(), "host="+filepath.Join(t.TempDir(), "nothing"))
	own := errors.New("our own")
	tests := map[string]struct{ err, want, atCommit error }{
		"nothing":                    {nil, nil, nil},
		"our own":                    {own, own, own},
		"a lock that did not come":   {state("55P03"), chat.ErrHeld, chat.ErrHeld},
		"too long":                   {state("57014"), chat.ErrUnavailable, chat.ErrUnavailable},
		"a full disk":                {state("53100"), chat.ErrFull, chat.ErrFull},
		"a disk that fails":          {state("58030"), chat.ErrFull, chat.ErrFull},
		"a standby":                  {state("25006"), chat.ErrFull, chat.ErrFull},
		"a server that stops":        {state("57P01"), chat.ErrUnavailable, chat.ErrInDoubt},
		"a server that has crashed":  {state("57P02"), chat.ErrUnavailable, chat.ErrInDoubt},
		"a connection that ended":    {io.ErrUnexpectedEOF, chat.ErrUnavailable, chat.ErrInDoubt},
		"a connection that broke":    {&net.OpError{Op: "read", Err: errors.New("reset")}, chat.ErrUnavailable, chat.ErrInDoubt},
		"no answer in time":          {context.DeadlineExceeded, chat.ErrUnavailable, chat.ErrInDoubt},
		"no connection":              {refused, chat.ErrUnavailable, chat.ErrUnavailable},
		"a bug":                      {state("42601"), nil, nil},
		"a message that had the id":  {&pgconn.PgError{Code: "23505", ConstraintName: "messages_id"}, chat.ErrUnavailable, chat.ErrUnavailable},
		"something else that it had": {&pgconn.PgError{Code: "23505", ConstraintName: "rooms_pair"}, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct{ got, want error }{
				{store.Translate(tt.err), tt.want}, {store.TranslateCommit(tt.err), tt.atCommit},
			} {
				if c.want == nil {
					c.want = tt.err // stays as it is
				}
				if !errors.Is(c.got, c.want) || errors.Is(c.got, chat.ErrInDoubt) != errors.Is(c.want, chat.ErrInDoubt) ||
					errors.Is(c.got, chat.ErrFull) != errors.Is(c.want, chat.ErrFull) {
					t.Errorf("%v is %v, want %v", tt.err, c.got, c.want)
				}
			}
		})
	}
}
