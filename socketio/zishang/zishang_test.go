package zishang_test

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"expresschat/socketio"
	"expresschat/socketio/enginetest"
	"expresschat/socketio/zishang"
)

// TestEngine does not run beside other tests, so that it can see what it leaves: of
// what the package comment says may be left only the timers take longer than goleak
// waits.
func TestEngine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("engine", func(t *testing.T) {
		enginetest.Run(t, func(cfg enginetest.Config) socketio.Engine {
			return zishang.New(zishang.Options{
				Logger:             cfg.Logger,
				PingInterval:       cfg.PingInterval,
				PingTimeout:        cfg.PingTimeout,
				LegacyPingInterval: cfg.LegacyPingInterval,
				LegacyPingTimeout:  cfg.LegacyPingTimeout,
				ConnectTimeout:     cfg.ConnectTimeout,
				BodyTimeout:        cfg.BodyTimeout,
				MaxPayload:         cfg.MaxPayload,
				AllowEIO3:          true,
			})
		})
	})
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before,
		goleak.IgnoreTopFunction("github.com/zishang520/socket.io/v3/pkg/utils.SetTimeout.func1"),
		goleak.IgnoreTopFunction("github.com/zishang520/socket.io/v3/pkg/utils.SetInterval.func1"),
	)
}
