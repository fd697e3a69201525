package server_test

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/server"
)

// What has arrived has as long as any request; while it arrives it has as long as it takes.
func TestAnArrivingRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := iotest.OneByteReader(readerFunc(func(p []byte) (int, error) {
			time.Sleep(server.Patience - time.Second)
			return strings.NewReader("x").Read(p)
		}))
		for what, body := range map[string]io.Reader{"at once": strings.NewReader("xx"), "slowly": io.LimitReader(slow, 3)} {
			c := echo.New().NewContext(httptest.NewRequest("POST", "/files", body), httptest.NewRecorder())
			began, arrived := time.Now(), time.Time{}
			err := server.Arriving(func(c echo.Context) error {
				if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
					return err
				}
				arrived = time.Now()
				<-c.Request().Context().Done()
				return c.Request().Context().Err()
			})(c)
			if took := time.Since(arrived); !errors.Is(err, context.DeadlineExceeded) || took != server.Patience {
				t.Errorf("%s: %v after %v, of which %v to arrive", what, err, took, arrived.Sub(began))
			}
		}
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
