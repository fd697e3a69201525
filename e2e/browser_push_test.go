package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
)

// noPushService is a push service in the page's place: Chromium reaches none in tests. All else
// is the browser's own.
const noPushService = `
	const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
	const keep = (value) => (value ? localStorage.setItem("push", value) : localStorage.removeItem("push"));
	const kept = () => {
		const json = JSON.parse(localStorage.getItem("push"));
		return json && { endpoint: json.endpoint, toJSON: () => json, unsubscribe: async () => (keep(), true) };
	};
	PushManager.prototype.getSubscription = async () => kept();
	PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
		if (!userVisibleOnly || applicationServerKey.length !== 65) throw new Error("no such key");
		const { publicKey } = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
		const keys = { p256dh: text(await crypto.subtle.exportKey("raw", publicKey)), auth: text(crypto.getRandomValues(new Uint8Array(16))) };
		keep(JSON.stringify({ endpoint: "https://push.example.org/" + crypto.randomUUID(), keys }));
		return kept();
	};`

// A browser whose user asks for it is told of messages while no page is open: by a service
// worker, which shows what is pushed unless one looks at that chat.
func TestBrowserPush(t *testing.T) {
	t.Parallel()
	ana := arrive(t, shared.server, "Ana")[0]
	ana.canBeInstalled()
	ana.grantsNotifications()
	tells[bool](ana.pane, "(() => {"+noPushService+" return true; })()")
	ana.choosesChat(notesToMyself)
	if tells[bool](ana.pane, "navigator.serviceWorker.getRegistration().then(Boolean)") {
		t.Error("there is a service worker before anybody asked for it")
	}
	ana.presses("button", "Settings")
	ana.presses("button", "Notifications while you are not looking")
	ana.until("a subscription", `localStorage.getItem("push") && document.querySelector("[role=switch]:checked")`)
	ana.seesNo("They come only while this page is open")
	ana.closesDialog()

	worker := ana.worker()
	push := func(payload obj) {
		t.Helper()
		if _, err := chromedp.Call(ana.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{
			Origin: shared.server.url, RegistrationID: worker, Data: js(payload),
		}); err != nil {
			t.Fatal(err)
		}
	}
	push(obj{"title": "Notes", "body": "not to be seen", "chatId": ana.id(), "kind": "self", "id": "1"})
	push(obj{"title": "Ben", "body": "first", "chatId": "b", "kind": "personal", "id": "2"})
	push(obj{"title": "Ben", "body": "", "chatId": "b", "kind": "personal", "id": "3"})
	push(obj{"title": "Walks", "body": "Cem: [image] a.png", "chatId": "w", "kind": "group", "id": "4"})
	shown := decode[[]string](t, ana.until("two notifications", `navigator.serviceWorker.ready
		.then((registration) => registration.getNotifications())
		.then((all) => all.map(({ title, body }) => title + ": " + body).sort())
		.then((all) => (all.length > 1 && all[0] !== "Ben: first" ? all : null))`))
	if fmt.Sprint(shown) != "[Ben: New message Walks: Cem: 🖼 Photo]" {
		t.Errorf("shown are %q", shown)
	}

	ana.presses("button", "Settings")
	ana.presses("button", "Notifications while you are not looking")
	ana.until("no subscription", `!localStorage.getItem("push") && !document.querySelector("[role=switch]:checked")`)
}

// canBeInstalled fails if the browser finds anything wrong with the page's manifest.
func (p *person) canBeInstalled() {
	p.t.Helper()
	m, err := chromedp.Call(p.ctx, cdppage.GetAppManifest, cdppage.GetAppManifestParams{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, wrong := range m.Errors {
		p.t.Errorf("the manifest: %s", wrong.Message)
	}
	if !strings.HasSuffix(m.URL, "/manifest.webmanifest") || m.Data == "" {
		p.t.Errorf("the manifest is at %q: %s", m.URL, m.Data)
	}
}

// grantsNotifications is the yes to the browser's question.
func (p *person) grantsNotifications() {
	p.t.Helper()
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: p.s.url,
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	}); err != nil {
		p.t.Fatal(err)
	}
}

// worker is the browser's name for the page's service worker, once that is there.
func (v *pane) worker() serviceworker.RegistrationID {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, serviceworker.Enable, cdp.Empty{}); err != nil {
		v.t.Fatal(err)
	}
	tells[bool](v, "navigator.serviceWorker.ready.then(Boolean)")
	var found serviceworker.RegistrationID
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	if err := poll(ctx, "the service worker", func() (bool, error) {
		found = v.workerOf(v.s.url + "/")
		return found != "", nil
	}); err != nil {
		v.t.Fatal(err)
	}
	return found
}
