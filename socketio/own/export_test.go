package own

import (
	"context"

	"expresschat/socketio"
)

// Settle waits until no hook of e is running or queued.
func Settle(ctx context.Context, e socketio.Engine) error { return e.(*engine).run.Wait(ctx) }
