package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// screensEnv names the folder that the pictures of TestBrowserScreens go to. Without it
// nobody keeps them.
const screensEnv = "EXPRESSCHAT_E2E_SCREENS"

// maxScreen bounds a picture, in bytes: they lie in the repository.
const maxScreen = 150 << 10

// neighbours is a world of people with everyday names, each with a socket but for the first,
// who has a browser.
func neighbours(t *testing.T, names map[string]string) *world {
	t.Helper()
	w := newWorldOn(t, newServer(t, "screens"), "")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for key, name := range names {
		u, err := signUpAs(ctx, w.s, name)
		if err != nil {
			t.Fatal(err)
		}
		w.users[key] = u
		if key != "maya" {
			w.openAs(key, style{nodeNewest, websocketOnly, inQuery})
		}
	}
	return w
}

// The pictures in docs/screens, and that they can be taken.
func TestBrowserScreens(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(screensEnv)
	if folder == "" {
		folder = t.TempDir()
	}
	w := neighbours(t, map[string]string{
		"maya": "Maya Lindqvist", "tom": "Tom Okafor", "sara": "Sara Haddad", "jonas": "Jonas Weber", "laila": "ليلى منصور",
	})
	maya := newPerson(t, w.s, "Maya")
	keep := func(name string) {
		t.Helper()
		_ = tells[bool](maya.pane, "document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))")
		shot := maya.picture()
		if len(shot) > maxScreen {
			t.Errorf("%s has %d bytes", name, len(shot))
		}
		if err := os.WriteFile(filepath.Join(folder, name+".png"), shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	maya.opens("/auth")
	maya.fills("Email", "maya.lindqvist@example.org")
	maya.has("form#sign-in")
	keep("auth")
	maya.opens(resetPath("maya.lindqvist@example.org", "nonsense"))
	maya.fills("New password", password)
	maya.presses("button", "Show")
	keep("reset")

	maya.user = w.users["maya"]
	maya.user.signIn(t, w.s)
	maya.arrives()
	w.users["maya"].id = maya.id()
	tom, sara, jonas, laila := w.of("tom")[0], w.of("sara")[0], w.of("jonas")[0], w.of("laila")[0]
	walks := w.group(tom, "Sunday walkers", "maya", "sara", "jonas", "laila")
	withTom, withSara, withLaila := w.personalChat(tom, "maya"), w.personalChat(sara, "maya"), w.personalChat(laila, "maya")
	to := func(c *tab, event, chat string, texts ...string) {
		for _, text := range texts {
			w.say(c, event, chat, text)
		}
	}
	const person, group = "send-personal-message", "send-group-message"
	maya.until("all chats", "document.querySelectorAll('a[data-chat]').length === 5") // none comes under the pointer
	maya.choosesChat(notesToMyself)
	maya.says("Bring the red thermos, and return Jonas's map")
	maya.makesGroup("Harbour choir", "Rehearsals on Thursdays, concerts when we dare", "Jonas Weber", "Sara Haddad", "Tom Okafor")
	choir := tells[string](maya.pane, row("Harbour choir")+".dataset.chat")
	maya.choosesChat(notesToMyself)
	to(jonas, group, choir, "Rehearsal moves to 19:30 this week", "The new hall is at Quay Street 4")
	to(laila, person, withLaila, "مساء الخير يا مايا!", "هل تأتين معنا يوم الأحد؟")
	maya.hasOnTop("ليلى منصور")
	maya.choosesChat("ليلى منصور")
	maya.says("بكل سرور، أراكِ في العاشرة")
	to(laila, person, withLaila, "ممتاز، سأحضر الشاي والتمر")
	to(sara, person, withSara, "Did the seedlings survive the frost?")
	maya.hasOnTop("Sara Haddad")
	maya.choosesChat("Sara Haddad")
	maya.says("All but two. The beans are already climbing!")
	maya.choosesChat("Sunday walkers")
	to(tom, group, walks, "Good morning! The forecast for Sunday says sun until four.")
	to(sara, group, walks, "Then let's take the long way, past the old lighthouse", "I made a plan: https://maps.example.org/lighthouse-loop")
	maya.says("Lovely. I'll bring soup for everybody.")
	to(jonas, group, walks, "And I the bread. Does anybody have a spare pair of gaiters, size 43? The meadow behind the mill is still rather wet.")
	to(tom, group, walks, "You can have mine")
	maya.says("See you at ten at the harbour clock")
	for _, c := range []*tab{tom, sara} {
		c.must("read-group-message", obj{"GroupId": walks})
	}
	to(tom, person, withTom, "Could you take Biscuit for an hour before the walk?", "He promises to behave")
	to(sara, person, withSara, "Then I shall bring you more")
	maya.hasStatus("See you at ten at the harbour clock", "read")
	maya.hasUnread("Tom Okafor", 2)
	maya.hasUnread("Sara Haddad", 1)
	maya.hears("You can have mine")
	keep("chat")
	maya.prefers("dark")
	keep("chat-dark")
	maya.prefers("light")

	maya.choosesChat("Tom Okafor")
	tom.user.uploads(t, w.s, "/account/picture", nil, madeFile{Name: "tom.png", Data: meadow(200, 200)})
	for _, f := range []struct {
		fields  map[string]string
		file    madeFile
		caption string
	}{
		{nil, madeFile{Name: "meadow.png", Data: meadow(800, 500)}, "We were here yesterday. This is where the path begins"},
		{map[string]string{"type": "voice", "duration": "7"}, madeFile{Name: "note.wav", Data: tone(700)}, ""},
		{nil, madeFile{Name: "Lighthouse loop.pdf", Data: []byte("%PDF-1.4\n" + strings.Repeat("path ", 40_000))}, ""},
	} {
		id := tom.user.uploads(t, w.s, "/upload", f.fields, f.file)
		tom.must(person, obj{"ChatId": withTom, "Content": f.caption, "Upload": id})
	}
	maya.hasPicture("meadow.png", 320, 200)
	maya.hasFile("Lighthouse loop.pdf")
	maya.until("Tom's picture", `document.querySelector("main .bar .avatar img")?.naturalWidth > 1`)
	maya.pastes(madeFile{Name: "soup.png", Type: "image/png", Data: meadow(300, 200)})
	maya.until("the picture in the tray", `document.querySelector(".tray img")?.complete`)
	maya.inserts("And this is what we take with us")
	keep("files")
	maya.presses("button", "Leave soup.png out")
	maya.fills("Message", "")
	maya.choosesChat("Sunday walkers")

	maya.resizes(360, 740)
	keep("phone-chat")
	maya.presses("link", "Back to the chats")
	maya.has("nav")
	tells[bool](maya.pane, "(document.activeElement.blur(), true)")
	keep("phone-list")

	maya.resizes(1280, 800)
	maya.choosesChat("Harbour choir")
	maya.presses("button", "Details")
	maya.until("the members", "document.querySelectorAll('dialog [data-member]').length === 4")
	keep("group")
	maya.closesDialog()
	maya.choosesChat("ليلى منصور")
	maya.presses("button", "Settings")
	maya.has("section.account")
	keep("settings")
	maya.presses("button", "Where you are signed in")
	maya.until("two places", "document.querySelectorAll('[data-session]').length === 2")
	keep("sessions")
	maya.presses("button", "Close")
	maya.chooses("Language", "ar")
	maya.until("right to left", "document.documentElement.dir === 'rtl'")
	maya.isOnline()
	maya.until("the chat", "eyes.messages().length === 4")
	keep("arabic")
	maya.presses("button", "الإعدادات")
	maya.resizes(360, 740)
	maya.presses("button", "حذف الحساب")
	maya.sees("للتأكيد")
	keep("phone-delete")
}
