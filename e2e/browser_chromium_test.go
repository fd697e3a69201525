package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/chromedp/chromedp"
)

var errNoChromium = errors.New("these tests use the web client in Chromium, which is not there")

// chromium is the one browser of all tests. It starts with the first test that asks, as
// that costs a second.
type chromium struct {
	start func() (context.Context, error)
	end   func() error
}

// newChromium keeps the browser's profile in dir.
func newChromium(dir string) *chromium {
	c := &chromium{end: func() error { return nil }}
	c.start = sync.OnceValues(func() (context.Context, error) {
		program, err := chromiumProgram()
		if err != nil {
			return nil, err
		}
		allocator, endAll := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(program),
			chromedp.UserDataDir(filepath.Join(dir, "chromium")),
			chromedp.NoSandbox,
			chromedp.DisableGPU,
			// Whatever a page asks for elsewhere fails, and the test sees that it asked.
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
			chromedp.Flag("lang", "en-US"),
			chromedp.WindowSize(1280, 800),
			chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
				cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
				cmd.Env = append(os.Environ(), "LANGUAGE=en_US", "TZ=UTC")
			}),
		)...)
		browser, _ := chromedp.NewContext(allocator)
		if err := chromedp.Do(browser); err != nil {
			endAll()
			return nil, fmt.Errorf("start chromium: %w", err)
		}
		c.end = func() error {
			defer endAll()
			ctx, cancel := context.WithTimeout(browser, patience)
			defer cancel()
			return chromedp.Cancel(ctx)
		}
		return browser, nil
	})
	return c
}

func chromiumProgram() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoChromium
}
