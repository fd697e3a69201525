package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// texts are those of a page in a language, by key. One that depends on a number is left out.
func (v *pane) texts(page, language string) map[string]string {
	v.t.Helper()
	return tells[map[string]string](v, fmt.Sprintf(`(async () => {
		const base = document.querySelector("script[type=module]").src.replace(/static\/([^/]+)\/.*/, "static/$1/");
		const texts = (await import(base + "i18n/%s.%s.js")).default;
		return Object.fromEntries(Object.entries(texts).filter(([, text]) => typeof text === "string"));
	})()`, page, language))
}

// foreign are words in Latin letters that a page in another script shows or has read out,
// without those that are names.
const foreign = `(() => {
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const texts = [document.title];
	while (walker.nextNode()) {
		const at = walker.currentNode.parentElement;
		if (at.closest("[hidden], noscript, script, option[lang=en], bdi.name") || !at.checkVisibility()) continue;
		texts.push(walker.currentNode.data);
	}
	for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
		if (!element.checkVisibility()) continue;
		texts.push(element.ariaLabel ?? "", element.title, element.placeholder ?? "");
	}
	return texts.filter((text) => /[a-z]/i.test(text));
})()`

// speaksOnlyArabic fails the test if the page shows a word in Latin letters but for these.
func (v *pane) speaksOnlyArabic(where string, names ...string) {
	v.t.Helper()
	v.until("right to left", "document.documentElement.dir === 'rtl' && document.documentElement.lang === 'ar'")
	names = append(names, "ExpressChat")
	for _, text := range tells[[]string](v, foreign) {
		left := text
		for _, name := range names {
			left = strings.ReplaceAll(left, name, "")
		}
		if strings.ContainsAny(strings.ToLower(left), "abcdefghijklmnopqrstuvwxyz") {
			v.t.Errorf("%s: %s: the page says %q", v.name, where, text)
		}
	}
}

// In Arabic the page runs from right to left, and has no text of another language in it.
func TestBrowserArabic(t *testing.T) {
	t.Parallel()
	ben := arrive(t, shared.server, "Ben")[0]
	ana := newcomer(t, shared.server, "Ana")
	names := []string{ana.user.name, ben.user.name, ana.user.email, ben.user.email, initials(ana.user.name), initials(ben.user.name)}
	ana.opens("/auth")
	ana.chooses("Language", "ar")
	ana.until("right to left", "document.documentElement.dir === 'rtl' && document.querySelector('form:not([hidden])')")
	say := ana.texts("auth", "ar")
	for form, title := range map[string]string{"sign-in": "sign-in", "sign-up": "create-account", "mail": "look-into-mail", "forgot": "reset-password"} {
		ana.opens("/auth#" + form)
		ana.sees(say[title])
		ana.speaksOnlyArabic(form, names...)
	}
	ana.opens(resetPath(ana.user.email, "nonsense"))
	ana.sees(say["new-password"])
	ana.speaksOnlyArabic("a new password", names...)
	ana.opens("/auth#sign-up")
	ana.presses("button", say["sign-up"])
	ana.sees(say["problem-no-name"])
	ana.speaksOnlyArabic("what is wrong with a sign-up", names...)

	ana.arrives()
	say = ana.texts("chat", "ar")
	ana.speaksOnlyArabic("an empty list", names...)
	ben.startsChatWith(ana.user.name)
	ben.says("123")
	ana.choosesChat(ben.user.name)
	ana.hears("123")
	ana.fills(say["composer.label"], "456")
	ana.presses("button", say["composer.send"])
	ana.hasStatus("456", "read")
	ana.speaksOnlyArabic("a chat", names...)
	ana.until("the page to be mirrored", `(() => {
		const middle = (selector) => {
			const box = document.querySelector(selector).getBoundingClientRect();
			return (box.left + box.right) / 2;
		};
		return middle("nav") > middle("main") && middle(".message.mine .bubble") < middle("[role=log]") && middle(".message:not(.mine) .bubble") > middle("[role=log]");
	})()`)
	ana.fits("a chat")

	ana.presses("button", say["newgroup.title"])
	ana.speaksOnlyArabic("a new group", names...)
	ana.fills(say["newgroup.name"], "789")
	ana.presses("button", say["newgroup.create"])
	ana.hasOpen("789")
	ana.presses("button", say["details.button"])
	ana.until("the members", "document.querySelector('dialog [data-member]')")
	ana.speaksOnlyArabic("the group's details", names...)
	ana.presses("button", say["details.delete"])
	ana.speaksOnlyArabic("a question", names...)
	ana.presses("button", say["cancel"])
	ana.presses("button", say["close"])
	ana.presses("button", say["settings.title"])
	ana.speaksOnlyArabic("the settings", names...)
	for _, name := range []string{"password", "sessions", "delete"} {
		ana.presses("button", say["account."+name])
		ana.until("the dialog", "eyes.words(document.querySelector('dialog dialog h2')?.innerText) === "+js(say["account."+name])+" && !document.querySelector('[aria-busy=true]')")
		ana.speaksOnlyArabic(name, names...)
		ana.fits(name)
		ana.presses("button", say["close"])
	}
	ana.chooses(say["settings.language"], "en")
	ana.until("left to right", "document.documentElement.dir === 'ltr'")
}

// initials are what stands in somebody's picture.
func initials(name string) string {
	first, second, _ := strings.Cut(name, " ")
	return strings.ToUpper(first[:1] + second[:1])
}
