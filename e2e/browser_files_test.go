package e2e

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"mime/multipart"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// madeFile is a file that somebody has. Size is of one whose content does not matter.
type madeFile struct {
	Name, Type string
	Data       []byte
	Size       int
}

// meadow is a picture of a field under the sky.
func meadow(width, height int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			hill := float64(height) * (0.62 + 0.06*math.Sin(float64(x)/float64(width)*7))
			c := color.NRGBA{uint8(90 + 110*y/height), uint8(150 + 70*y/height), 235, 255}
			if float64(y) > hill {
				c = color.NRGBA{uint8(70 + 60*y/height), uint8(150 - 40*y/height), 70, 255}
			}
			if math.Hypot(float64(x-width*3/4), float64(y-height/4)) < float64(height)/12 {
				c = color.NRGBA{255, 232, 150, 255}
			}
			img.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// tone is a WAV file of a soft tone.
func tone(milliseconds int) []byte {
	const rate = 8000
	samples := make([]byte, rate*milliseconds/1000)
	for i := range samples {
		samples[i] = byte(128 + 20*math.Sin(float64(i)*2*math.Pi*440/rate))
	}
	var out bytes.Buffer
	for _, part := range []any{
		[]byte("RIFF"), uint32(36 + len(samples)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate),
		uint16(1), uint16(8), []byte("data"), uint32(len(samples)), samples,
	} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			panic(err)
		}
	}
	return out.Bytes()
}

// handsOver is files on their way into a page: what act does with a DataTransfer of them.
func (v *pane) handsOver(files []madeFile, act string) {
	v.t.Helper()
	tells[bool](v, `((files) => {
		const transfer = new DataTransfer();
		for (const { Name, Type, Data, Size } of files) {
			const content = Size ? new Uint8Array(Size) : Uint8Array.from(atob(Data ?? ""), (c) => c.charCodeAt(0));
			transfer.items.add(new File([content], Name, { type: Type }));
		}
		`+act+`
		return true;
	})(`+js(files)+`)`)
}

func (v *pane) pastes(files ...madeFile) {
	v.t.Helper()
	v.presses("field", "Message")
	v.handsOver(files, `document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));`)
}

func (v *pane) drops(files ...madeFile) {
	v.t.Helper()
	const over = `const event = (type) => new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
		const log = document.querySelector("[role=log]");`
	v.handsOver(files, over+`log.dispatchEvent(event("dragenter"));`)
	v.sees("Drop files here to send them")
	v.handsOver(files, over+`log.dispatchEvent(event("drop"));`)
	v.seesNo("Drop files here to send them")
}

// picks chooses files as the browser's own dialog does, in a part of the page.
func (v *pane) picks(scope string, files ...madeFile) {
	v.t.Helper()
	v.until("a place for files", "document.querySelector("+js(scope+" input[type=file]")+")")
	v.handsOver(files, `const input = document.querySelector(`+js(scope+" input[type=file]")+`);
		input.files = transfer.files;
		input.dispatchEvent(new Event("change", { bubbles: true }));`)
}

// uploads brings a file to a route of the server, and returns what it is called there, for a
// message to come.
func (u *user) uploads(t testing.TB, s *server, path string, fields map[string]string, f madeFile) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		_ = form.WriteField(name, value) // a buffer takes it all
	}
	part, _ := form.CreateFormFile("file", f.Name)
	_, _ = part.Write(f.Data)
	_ = form.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	cookies(u.access, u.refresh)(r)
	res, err := s.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		ID      string
		Message string
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("upload: %v %d %s", err, res.StatusCode, answer.Message)
	}
	return answer.ID
}

// withFile finds messages by the name of their file, wherever it stands.
func withFile(name string) string {
	return `eyes.messages().filter((m) => [...m.querySelectorAll(".media, .media *")].some((e) => [e.alt, e.ariaLabel, e.textContent].includes(` + js(name) + `)))`
}

// hasFile waits until a message of the open chat has a file, once, and nothing is on its way.
func (v *pane) hasFile(name string) {
	v.t.Helper()
	v.until("the file "+name, withFile(name)+`.length === 1 && !document.querySelector("[data-status=pending]")`)
}

// hasPicture waits until a picture is there and to be seen, as large as its place was before.
func (v *pane) hasPicture(name string, width, height int) {
	v.t.Helper()
	v.until("the picture "+name, fmt.Sprintf(`(() => {
		const picture = %s[0]?.querySelector("img");
		return picture?.complete && picture.naturalWidth > 1 && picture.clientWidth === %d && picture.clientHeight === %d && picture.src.startsWith(location.origin + "/media/");
	})()`, withFile(name), width, height))
}

// Files go out as people bring them, and are there for the others to look at, play and keep.
func TestBrowserFiles(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	w := newWorldOn(t, shared.server, "")
	w.users["ben"] = ben.user
	phone := w.openAs("ben", style{nodeNewest, websocketOnly, inQuery})
	ana.startsChatWith(ben.user.name)
	ana.says("hello")
	ben.choosesChat(ana.user.name)

	// A picture is pasted, with a word to it.
	ana.pastes(madeFile{Name: "meadow.png", Type: "image/png", Data: meadow(640, 400)})
	ana.until("the picture in the tray", `document.querySelector(".tray img")?.complete`)
	ana.drafts("our meadow")
	ana.presses("button", "Send")
	ana.hasStatus("our meadow", "sent", "read")
	ana.hasNo(".tray")
	ben.hears("our meadow")
	ben.hasPicture("meadow.png", 320, 200)
	ana.hasPicture("meadow.png", 320, 200)
	ben.until("the end to be in view", `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.querySelector("[role=log]"))`)

	// Several are dropped at once, and come in their order; what can't be sent is said.
	ana.drops(madeFile{Name: "plan.txt", Type: "text/plain", Data: []byte("at ten")}, madeFile{Name: "empty.txt", Type: "text/plain"},
		madeFile{Name: "hill.png", Type: "image/png", Data: meadow(200, 400)})
	ana.sees("empty.txt: There is nothing in this file.")
	ana.until("two in the tray", `document.querySelectorAll(".tray li").length === 2`)
	ana.presses("button", "Send")
	ben.hasFile("plan.txt")
	ben.hasPicture("hill.png", 170, 340)
	if got := tells[[]string](ben.pane, `eyes.messages().slice(-2).map((m) => m.querySelector("img")?.alt ?? m.querySelector("a[download]").download)`); fmt.Sprint(got) != "[plan.txt hill.png]" {
		t.Errorf("files came as %v", got)
	}
	if got := tells[string](ben.pane, `fetch(eyes.all("link", "plan.txt")[0].href).then((answer) => answer.text())`); got != "at ten" {
		t.Errorf("the file has %q", got)
	}

	// Lists say what a file is, whether it was heard of live or comes with the list.
	ana.choosesChat(notesToMyself)
	ben.picks(".composer", madeFile{Name: "one.png", Type: "image/png", Data: meadow(64, 64)})
	ben.presses("button", "Send")
	ana.hasLine(ben.user.name, "🖼 Photo")
	ana.reloads()
	ana.isOnline()
	ana.hasLine(ben.user.name, "🖼 Photo")
	ana.choosesChat(ben.user.name)

	// A recording is played.
	voice := ben.user.uploads(t, shared.server, "/upload", map[string]string{"type": "voice"}, madeFile{Name: "note.wav", Data: tone(400)})
	chat := tells[string](ana.pane, "location.hash.slice(1)")
	phone.must("send-personal-message", obj{"ChatId": chat, "Content": "", "Upload": voice})
	ana.hasFile("Voice message")
	ana.presses("field", "Message") // a browser wants a click before it makes a sound
	if heard := tells[bool](ana.pane, `(async () => {
		const sound = document.querySelector("audio");
		const happens = (event) => new Promise((done) => sound.addEventListener(event, done, { once: true }));
		const all = Promise.all([happens("playing"), happens("ended")]);
		await sound.play();
		await all;
		return sound.currentTime > 0.3;
	})()`); !heard {
		t.Error("the recording was not played to its end")
	}

	// A picture opens large by the keyboard, keeps the focus in, and gives it back.
	ana.until("the picture's button", `(() => { const button = `+withFile("meadow.png")+`[0]?.querySelector("button"); button?.focus(); return button && document.activeElement === button; })()`)
	ana.types("\r")
	ana.until("the picture, large", `(() => { const picture = document.querySelector("dialog.lightbox img"); return picture?.complete && picture.naturalWidth === 640 && picture.alt === "meadow.png"; })()`)
	for range 3 {
		ana.types("\t")
		ana.until("the focus in the dialog", `document.activeElement === document.body || document.activeElement.closest("dialog.lightbox")`)
	}
	ana.judge("a picture, large")
	if !tells[bool](ana.pane, `(({ download, pathname }) => download === "meadow.png" && pathname.startsWith("/media/"))(document.querySelector("dialog.lightbox a"))`) {
		t.Error("the picture can't be kept")
	}
	ana.types("\x1b")
	ana.hasNo("dialog")
	ana.until("the focus back", `document.activeElement.querySelector("img")?.alt === "meadow.png"`)
	ana.picks(".composer", madeFile{Name: "next.txt", Data: []byte("next")}, madeFile{Name: "next.png", Type: "image/png", Data: meadow(64, 64)})
	ana.until("two in the tray", `document.querySelectorAll(".tray li").length === 2`)
	ana.judgeBoth("files, and others to send")
	ana.presses("button", "Leave next.txt out")
	ana.until("one in the tray, and the focus at it", `document.querySelectorAll(".tray li").length === 1 && document.activeElement.closest(".tray")`)
}

// An upload shows how far it is, keeps nobody from writing, asks before one leaves, and can be
// given up. One that breaks off goes on when the line is back; one that is refused says why.
func TestBrowserUploads(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.startsChatWith(ben.user.name)
	ana.says("hello")
	ben.choosesChat(ana.user.name)

	ana.slowsUploads(100 << 10)
	ana.drops(madeFile{Name: "big.bin", Size: 8 << 20})
	ana.presses("button", "Send")
	ana.until("progress", `(({ ariaValueNow, ariaLabel }) => +ariaValueNow > 0 && +ariaValueNow < 100 && ariaLabel === "Sending big.bin")(document.querySelector("[role=progressbar]") ?? {})`)
	ana.judge("an upload")
	ana.says("meanwhile")
	ben.hears("meanwhile")
	ana.excuse("dialog: ")
	tells[bool](ana.pane, "(setTimeout(() => location.reload()), true)")
	ana.staysOnPage()
	ana.presses("button", "Do not send big.bin")
	ana.hasNo("[role=progressbar]")
	ana.hasExactly([]string{"hello", "meanwhile"})

	ana.goesOffline(true)
	ana.isOffline()
	ana.picks(".composer", madeFile{Name: "later.txt", Data: []byte("from the tunnel")})
	ana.presses("button", "Send")
	ana.has("[role=progressbar]")
	ana.goesOffline(false)
	ben.hasFile("later.txt")
	ana.hasFile("later.txt")

	// A route that takes pictures only is the server's way to refuse a text.
	ana.excuse("400 .*/account/picture")
	tells[bool](ana.pane, `(() => {
		const { open } = XMLHttpRequest.prototype;
		XMLHttpRequest.prototype.open = function (method, path) {
			XMLHttpRequest.prototype.open = open;
			open.call(this, method, path === "/upload" ? "/account/picture" : path);
		};
		return true;
	})()`)
	ana.picks(".composer", madeFile{Name: "again.txt", Data: []byte("no picture")}, madeFile{Name: "next.txt", Data: []byte("next")})
	ana.presses("button", "Send")
	ana.sees("The server can't take this file")
	ben.hasFile("next.txt")
	ana.presses("button", "Try again")
	ben.hasFile("again.txt")
	ana.hasNo("[data-status=failed]")
	ana.reloads() // and nobody is asked
	ana.isOnline()
	ben.hasExactly([]string{"hello", "meanwhile", "", "", ""})
}

// slowsUploads bounds what goes out to /upload, in bytes a second.
func (v *pane) slowsUploads(most float64) {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{URLPattern: v.s.url + "/upload", DownloadThroughput: -1, UploadThroughput: most}},
	}); err != nil {
		v.t.Fatalf("%s slows uploads: %v", v.name, err)
	}
}

// staysOnPage waits until the browser asks whether to leave, and says no.
func (v *pane) staysOnPage() {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	if err := poll(ctx, "the question whether to leave", func() (bool, error) {
		_, err := chromedp.Call(v.ctx, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: false})
		return err == nil, nil
	}); err != nil {
		v.t.Fatal(err)
	}
}

// People and groups have pictures, for all who see them and as soon as they change.
func TestBrowserPictures(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	group := unique("Walks")
	ben.makesGroup(group, "Sundays", ana.user.name)
	ben.startsChatWith(ana.user.name)
	const dialog = "dialog:modal"
	shows := func(v *pane, what, place string) {
		v.t.Helper()
		v.until(what, place+`?.querySelector(".avatar img")?.naturalWidth > 1`)
	}
	showsNone := func(v *pane, what, place string) {
		v.t.Helper()
		v.until(what, place+` && !`+place+`.querySelector(".avatar img")`)
	}

	ana.presses("button", "Settings")
	ana.picks(dialog, madeFile{Name: "me.png", Type: "image/png", Data: meadow(300, 200)})
	ana.sees("The picture is changed.")
	shows(ana.pane, "one's own picture", `document.querySelector("dialog")`)
	shows(ben.pane, "Ana's picture in the list", row(ana.user.name))
	shows(ben.pane, "Ana's picture above the chat", `document.querySelector("main .bar")`)
	ben.reloads()
	shows(ben.pane, "Ana's picture that came with the list", row(ana.user.name))
	ana.excuse("400 .*/account/picture")
	ana.picks(dialog, madeFile{Name: "me.png", Type: "image/png", Data: []byte("no picture")})
	ana.sees("This picture can't be read")
	ana.presses("button", "Remove picture")
	ana.sees("The picture is removed.")
	showsNone(ben.pane, "no picture of Ana", row(ana.user.name))
	ana.closesDialog()

	ben.choosesChat(group)
	ana.choosesChat(group)
	ben.presses("button", "Details")
	ben.picks(dialog, madeFile{Name: "us.png", Type: "image/png", Data: meadow(200, 200)})
	shows(ana.pane, "the group's picture", row(group))
	ana.sees("changed the group's picture")
	ana.presses("button", "Details")
	ana.hasNo(dialog + " input[type=file], " + dialog + " .picture-field")
}

// What a message says of its file is believed by nobody: whatever it names, the page asks this
// server's files only, and what people wrote stays text.
func TestBrowserHostileFiles(t *testing.T) {
	t.Parallel()
	const evil = `<img src=x onerror="window.hit = 1">.png`
	ana := arrive(t, shared.server, "Ana")[0]
	w := newWorldOn(t, shared.server, "")
	w.users["ana"] = ana.user
	phone := w.openAs("ana", style{nodeNewest, websocketOnly, inQuery})
	attachments := []obj{
		{"Type": "image", "Url": "https://evil.example/a.png", "Thumb": "//evil.example/b.png", "Name": evil, "Caption": evil, "Width": 1e9, "Height": 1},
		{"Type": "image", "Url": "/media/../logout", "Thumb": "javascript:window.hit=1", "Name": "../../x", "Caption": "two"},
		{"Type": "video", "Url": "javascript:window.hit=1", "Thumb": "data:image/svg+xml,<svg/onload=window.hit=1>", "Name": evil, "Caption": "three"},
		{"Type": "voice", "Url": "/media/%2e%2e/logout", "Duration": "1e9", "Name": evil, "Caption": "four"},
		{"Type": "<script>", "Url": "\\\\evil.example\\x", "Name": evil, "Size": "much", "Caption": "five"},
		{"Type": "file", "Url": []string{"/media/a"}, "Name": obj{}, "Caption": "six"},
	}
	// The server says nothing of the kind, so it is put into its mouth on the way to the page: the
	// same of a message however it comes.
	tells[bool](ana.pane, `((lies) => {
		const parse = JSON.parse;
		JSON.parse = (...texts) => parse(texts[0], (key, value) => (value?.Seq && value.SenderId ? { ...value, Attachment: lies[value.Seq % lies.length] } : value));
		return true;
	})(`+js(attachments)+`)`)
	for range attachments {
		phone.must("send-self-message", obj{"Content": "x"})
	}
	ana.choosesChat(notesToMyself)
	for _, caption := range []string{evil, "two", "three", "four", "five", "six"} {
		ana.hears(caption)
	}
	if found := tells[[]string](ana.pane, `[...document.querySelectorAll(".media [src], .media [href], .media [poster]")].map((e) => e.outerHTML)`); len(found) > 0 {
		t.Errorf("the page uses %q", found)
	}
	if tells[bool](ana.pane, `"hit" in window || document.querySelector("img[src=x], .log script") !== null`) {
		t.Error("what a message says of its file has become a part of the page")
	}
	ana.fits("hostile files")
	ana.presses("a[data-chat]", notesToMyself)
	ana.isOnline() // nobody was signed out
}
