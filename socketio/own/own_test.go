package own_test

import (
	"testing"

	"go.uber.org/goleak"

	"expresschat/socketio"
	"expresschat/socketio/enginetest"
	"expresschat/socketio/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEngine(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(c enginetest.Config) socketio.Engine {
		return own.New(own.Options{
			Logger: c.Logger, PingInterval: c.PingInterval, PingTimeout: c.PingTimeout,
			LegacyPingInterval: c.LegacyPingInterval, LegacyPingTimeout: c.LegacyPingTimeout,
			ConnectTimeout: c.ConnectTimeout, BodyTimeout: c.BodyTimeout, MaxPayload: int(c.MaxPayload),
		})
	})
}
