package e2e

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
)

// watch hears what goes wrong in a page, and whom it talks to. No test passes with
// anything in it that the test has not excused.
type watch struct {
	host string // the only one that may be talked to

	mu       sync.Mutex // guards what follows
	troubles []string
	excused  []*regexp.Regexp
	asked    map[network.RequestID]string            // which address a request is for
	bytes    map[string]float64                      // over the wire, by address
	workers  map[string]serviceworker.RegistrationID // by their scope
}

func newWatch(address string) *watch {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return &watch{host: u.Host, asked: map[network.RequestID]string{}, bytes: map[string]float64{}, workers: map[string]serviceworker.RegistrationID{}}
}

// hear takes an event of the browser. It is called in their order, and must not block.
func (w *watch) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert || e.Type == runtime.ConsoleAPICalledTypeWarning {
			w.note("console", argumentsOf(e))
		}
	case *runtime.EventExceptionThrown:
		w.note("exception", exceptionOf(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			w.note("log", e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		w.asked[e.RequestID] = e.Request.URL
		w.meets(e.Request.URL)
	case *network.EventWebSocketCreated:
		w.meets(e.URL)
	case *network.EventLoadingFinished:
		w.bytes[w.asked[e.RequestID]] += e.EncodedDataLength
	case *network.EventLoadingFailed:
		if !e.Canceled {
			w.note("request", e.ErrorText+" "+w.asked[e.RequestID])
		}
	case *serviceworker.EventWorkerRegistrationUpdated:
		for _, r := range e.Registrations {
			w.workers[r.ScopeURL] = r.RegistrationID
		}
	case *cdppage.EventJavascriptDialogOpening:
		w.note("dialog", e.Message)
	}
}

// meets notes an address elsewhere.
func (w *watch) meets(address string) {
	u, err := url.Parse(address)
	if err != nil || !slices.Contains([]string{"data", "blob", "about"}, u.Scheme) && u.Host != w.host {
		w.note("elsewhere", address)
	}
}

func (w *watch) note(kind, text string) {
	w.troubles = append(w.troubles, fmt.Sprintf("%s: %s", kind, withoutTokens(text)))
}

// excuse says of which troubles the test knows, by their text.
func (w *watch) excuse(patterns ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range patterns {
		w.excused = append(w.excused, regexp.MustCompile(p))
	}
}

// unexcused are the troubles that nobody has excused.
func (w *watch) unexcused() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.troubles), func(trouble string) bool {
		return slices.ContainsFunc(w.excused, func(e *regexp.Regexp) bool { return e.MatchString(trouble) })
	})
}

// workerOf is the browser's name for the service worker of a scope, empty for none.
func (w *watch) workerOf(scope string) serviceworker.RegistrationID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.workers[scope]
}

// overTheWire is how many bytes came so far, heads and all, and for which addresses.
func (w *watch) overTheWire() (sum float64, addresses []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for address, n := range w.bytes {
		sum += n
		addresses = append(addresses, fmt.Sprintf("%7.0f %s", n, address))
	}
	slices.Sort(addresses)
	return sum, addresses
}

func argumentsOf(e *runtime.EventConsoleAPICalled) string {
	var texts []string
	for _, a := range e.Args {
		texts = append(texts, strings.TrimSpace(string(a.Value)+" "+a.Description))
	}
	return strings.Join(texts, " ")
}

func exceptionOf(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return text
}
