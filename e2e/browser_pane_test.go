package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// glance is how long the page itself waits for something, before the test asks again: a
// page that is left takes the question with it.
const glance = 2 * time.Second

// spotInPage is a point in a window.
type spotInPage struct{ X, Y float64 }

// pane is a window with one page in it, and what its user does and sees there. What is
// done waits until it can be done, what is seen until it can be seen.
type pane struct {
	*watch
	t    testing.TB
	name string // of the window, in failures
	s    *server
	ctx  context.Context
}

// js writes a value into a script, in the letters that the script itself would write.
func js(value any) string {
	var body strings.Builder
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSpace(body.String())
}

// evaluate asks the page once.
func evaluate[T any](v *pane, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// tells is what it has to know.
func tells[T any](v *pane, expression string) T {
	v.t.Helper()
	answer, err := evaluate[T](v, expression)
	if err != nil {
		v.t.Fatalf("%s: %v\n%s", v.name, err, expression)
	}
	return answer
}

// until waits until the expression is true, and returns what it is.
func (v *pane) until(what, expression string) json.RawMessage {
	v.t.Helper()
	found, err := v.untilWithin(patience, expression)
	if err != nil {
		v.t.Fatalf("%s waited for %s: %v\n%s", v.name, what, err, v.shows())
	}
	return found
}

func (v *pane) untilWithin(most time.Duration, expression string) (found json.RawMessage, err error) {
	ctx, cancel := context.WithTimeout(v.ctx, most)
	defer cancel()
	question := fmt.Sprintf("eyes.until(() => (%s), %d)", expression, min(glance, most).Milliseconds())
	var last error
	err = poll(ctx, "the page", func() (bool, error) {
		answer, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](question, chromedp.EvalAwaitPromise))
		last = err // of a page that is being left, the question dies
		found = answer
		return err == nil && string(answer) != "null", nil
	})
	if err != nil && last != nil && ctx.Err() == nil {
		err = last
	}
	return found, err
}

// shows is what a failure needs of the page.
func (v *pane) shows() string {
	text, err := evaluate[string](v, "location.href + '\\nfocus: ' + document.activeElement?.outerHTML.slice(0, 200) + '\\n' + eyes.text()")
	if err != nil {
		text = err.Error()
	}
	return fmt.Sprintf("%s shows:\n%.3000s\ntroubles: %s", v.name, withoutTokens(text), strings.Join(v.unexcused(), "\n"))
}

// opens goes to an address of the server.
func (v *pane) opens(path string) {
	v.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = v.s.url + path
	}
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(path)); err != nil {
		v.t.Fatalf("%s opens %s: %v", v.name, path, err)
	}
}

func (v *pane) reloads() {
	v.t.Helper()
	v.do("reloads", chromedp.Reload())
}

// goesBack uses the browser's back button.
func (v *pane) goesBack() {
	v.t.Helper()
	tells[bool](v, "(setTimeout(() => history.back()), true)") // the answer comes from the page that is left
}

func (v *pane) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatalf("%s %s: %v\n%s", v.name, what, err, v.shows())
	}
}

// isAt waits until the page is that of a path.
func (v *pane) isAt(path string) {
	v.t.Helper()
	v.until("the page "+path, "location.pathname === "+js(path)+" && document.readyState === 'complete'")
}

// sees waits until a text can be read.
func (v *pane) sees(text string) {
	v.t.Helper()
	v.until(fmt.Sprintf("%q", text), "eyes.words(eyes.text()).includes("+js(text)+")")
}

// seesNo waits until a text can't be read any more.
func (v *pane) seesNo(text string) {
	v.t.Helper()
	v.until(fmt.Sprintf("no %q", text), "!eyes.words(eyes.text()).includes("+js(text)+")")
}

// has waits until something is shown, by a selector.
func (v *pane) has(selector string) {
	v.t.Helper()
	v.until(selector, "[...document.querySelectorAll("+js(selector)+")].some(eyes.shown)")
}

// hasNo waits until nothing is shown that a selector finds.
func (v *pane) hasNo(selector string) {
	v.t.Helper()
	v.until("no "+selector, "![...document.querySelectorAll("+js(selector)+")].some(eyes.shown)")
}

// presses presses what has this name: a button, a link, or what the selector says.
func (v *pane) presses(kind, name string) {
	v.t.Helper()
	found := v.until(fmt.Sprintf("the %s %q to press", kind, name), "eyes.spot("+js(kind)+", "+js(name)+")")
	var at spotInPage
	if err := json.Unmarshal(found, &at); err != nil {
		v.t.Fatal(err)
	}
	v.do(fmt.Sprintf("presses the %s %q", kind, name), chromedp.MouseClickXY(at.X, at.Y))
}

// fills writes a text into a field, in place of what is in it.
func (v *pane) fills(field, text string) {
	v.t.Helper()
	v.presses("field", field)
	v.until("the focus in "+field, "eyes.all('field', "+js(field)+")[0] === document.activeElement")
	tells[bool](v, "(document.activeElement.select(), true)")
	if text == "" {
		v.types("\b")
		return
	}
	v.inserts(text)
}

// chooses picks what has this value in a field that is a choice.
func (v *pane) chooses(field, value string) {
	v.t.Helper()
	v.until("the choice "+field, "eyes.all('field', "+js(field)+")[0]")
	tells[bool](v, `(() => {
		const field = eyes.all("field", `+js(field)+`)[0];
		field.value = `+js(value)+`;
		return field.dispatchEvent(new Event("change", { bubbles: true }));
	})()`)
}

// inserts writes a text where the focus is, all at once.
func (v *pane) inserts(text string) {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		v.t.Fatalf("%s writes: %v", v.name, err)
	}
}

// types presses keys, one by one.
func (v *pane) types(keys string, options ...chromedp.KeyOption) {
	v.t.Helper()
	v.do("types", chromedp.KeyEvent(keys, options...))
}

// resizes makes the window as large as a screen.
func (v *pane) resizes(width, height int64) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
	if err != nil {
		v.t.Fatalf("%s resizes: %v", v.name, err)
	}
	v.until("the new width", fmt.Sprintf("innerWidth === %d", width))
}

// prefers sets what the system's settings say of colours: light or dark.
func (v *pane) prefers(scheme string) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	if err != nil {
		v.t.Fatalf("%s prefers %s: %v", v.name, scheme, err)
	}
}

// goesOffline takes the network away, as a train in a tunnel does, or gives it back.
func (v *pane) goesOffline(gone bool) {
	v.t.Helper()
	if gone {
		v.excuse("ERR_INTERNET_DISCONNECTED")
	}
	speed := -1.0
	_, err := chromedp.Call(v.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: gone, DownloadThroughput: speed, UploadThroughput: speed}},
	})
	if err == nil {
		_, err = chromedp.Call(v.ctx, network.OverrideNetworkState,
			network.OverrideNetworkStateParams{Offline: gone, DownloadThroughput: speed, UploadThroughput: speed})
	}
	if err != nil {
		v.t.Fatalf("%s goes offline: %v", v.name, err)
	}
}

// picture takes a picture of what is in the window.
func (v *pane) picture() []byte {
	v.t.Helper()
	shot, err := chromedp.Call(v.ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{Format: cdppage.CaptureScreenshotFormatPng})
	if err != nil {
		v.t.Fatalf("%s takes a picture: %v", v.name, err)
	}
	return shot.Data
}
