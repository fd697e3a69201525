package expresschat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/push"
	"expresschat/server"
	"expresschat/server/problem"
)

// Devices is what the door asks of package push.
type Devices interface {
	Register(ctx context.Context, d push.Device) error
	Forget(ctx context.Context, session auth.SessionID, kind push.Kind, token string) error
}

// Browsers is what the door asks of the way to browsers.
type Browsers interface {
	// Key is what a browser subscribes with.
	Key() string
	// Device checks a subscription. The error is push.ErrSubscription.
	Device(endpoint, p256dh, auth string) (push.Device, error)
}

type keyAnswer struct {
	answer
	Key string `json:"key"`
}

// subscription is a PushSubscription as browsers write it (Push API, section 8).
type subscription struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// mountPush adds the routes of notifications.
func (d *Door) mountPush(e *echo.Echo) {
	if d.devices == nil || d.browsers == nil {
		return
	}
	e.GET("/push/key", d.pushKey)
	e.POST("/push/subscription", d.withSubscription(d.subscribe), server.Patient)
	e.DELETE("/push/subscription", d.withSubscription(d.unsubscribe), server.Patient)
}

// pushKey is public: a browser needs it before it can subscribe.
func (d *Door) pushKey(c echo.Context) error {
	return c.JSON(http.StatusOK, keyAnswer{answer{Success: number(yes), Message: "The key to subscribe with"}, d.browsers.Key()})
}

// withSubscription makes a handler of a method: with who asks, and for which subscription.
func (d *Door) withSubscription(serve func(ctx context.Context, who auth.Identity, s subscription) (string, error)) echo.HandlerFunc {
	return d.known(func(c echo.Context, who auth.Identity) error {
		var s subscription
		if err := json.NewDecoder(c.Request().Body).Decode(&s); err != nil {
			return d.fail(c, fmt.Errorf("%w: read subscription: %w", problem.ErrBadInput, err), faulty)
		}
		done, err := serve(c.Request().Context(), who, s)
		if err != nil {
			return d.fail(c, err, faulty)
		}
		return reply(c, http.StatusOK, yes, done)
	})
}

// subscribe has a browser told of messages for as long as the session of the request lasts.
func (d *Door) subscribe(ctx context.Context, who auth.Identity, s subscription) (string, error) {
	device, err := d.browsers.Device(s.Endpoint, s.Keys.P256dh, s.Keys.Auth)
	if err != nil {
		return "", err
	}
	device.User, device.Session = who.User.ID, who.Session
	return "You are told of messages here", d.devices.Register(ctx, device)
}

func (d *Door) unsubscribe(ctx context.Context, who auth.Identity, s subscription) (string, error) {
	if s.Endpoint == "" {
		return "", push.ErrSubscription
	}
	return "You are not told of messages here any more", d.devices.Forget(ctx, who.Session, push.Web, s.Endpoint)
}
