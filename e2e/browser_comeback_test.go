package e2e

import (
	"fmt"
	"testing"
)

// A second window shows what the first one does, and the other way round.
func TestBrowserSecondWindow(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.startsChatWith(ben.user.name)
	second := ana.another()
	second.opens("/")
	second.choosesChat(ben.user.name)
	ana.says("one")
	second.hears("one")
	second.says("two")
	ana.hasExactly([]string{"one", "two"})
	ben.choosesChat(ana.user.name)
	ben.hasExactly([]string{"one", "two"})
	second.hasStatus("one", "read")

	// What is read in one is read in both.
	for _, v := range []*pane{ana.pane, second} {
		v.choosesChat(notesToMyself)
	}
	ben.says("three")
	ana.hasUnread(ben.user.name, 1)
	second.hasUnread(ben.user.name, 1)
	second.choosesChat(ben.user.name)
	ana.hasUnread(ben.user.name, 0)
}

// Loading the page again loses nothing: the chat that was open, what was said, what was
// begun, and what was on its way.
func TestBrowserReload(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.startsChatWith(ben.user.name)
	ana.says("said")
	ana.drafts("begun")
	ana.reloads()
	ana.hasOpen(ben.user.name)
	ana.hears("said")
	ana.until("the draft", "eyes.all('field', 'Message')[0]?.value === 'begun'")
	ana.choosesChat(notesToMyself)
	ana.hasLine(ben.user.name, "Draft: begun")
	ana.choosesChat(ben.user.name)

	ana.presses("button", "Send")
	ana.hasStatus("begun", "sent")
	ben.choosesChat(ana.user.name)
	ben.hasExactly([]string{"said", "begun"})

	// The page goes before the server's answer comes, so the next one sends it once more.
	ana.drafts("on its way")
	tells[bool](ana.pane, "(eyes.all('button', 'Send')[0].click(), location.reload(), true)")
	for _, p := range people {
		p.hasExactly([]string{"said", "begun", "on its way"})
	}
	ben.says("twice?")
	for _, p := range people {
		p.hasExactly([]string{"said", "begun", "on its way", "twice?"})
	}
}

// The server is killed and restarted while both write: all of it arrives, once and in order.
func TestBrowserServerRestart(t *testing.T) {
	t.Parallel()
	s := newServer(t, "browser-restart")
	people := arrive(t, s, "Ana", "Ben")
	ana, ben := people[0], people[1]
	for _, p := range people {
		p.excuse("ERR_CONNECTION", "WebSocket connection to", "ERR_EMPTY_RESPONSE")
	}
	ana.startsChatWith(ben.user.name)
	ana.says("before")
	ben.choosesChat(ana.user.name)
	ben.hears("before")

	all := []string{"before"}
	burst := func(what string) {
		t.Helper()
		for i := range 5 {
			text := fmt.Sprint(what, " ", i)
			ana.writes(text)
			all = append(all, text)
		}
	}
	burst("into the crash")
	s.kill()
	burst("into the void")
	ana.isOffline()
	ana.sees("No connection. What you write is sent as soon as it is back.")
	ana.hasStatus("into the void 4", "pending")
	if err := s.restart(); err != nil {
		t.Fatal(err)
	}
	ana.isOnline()
	burst("after all")
	ana.hasExactly(all)
	ben.hasExactly(all)
	ana.seesNo("No connection.")

	// An orderly stop is no different.
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	burst("into the stop")
	if err := s.restart(); err != nil {
		t.Fatal(err)
	}
	ana.opens("/")
	ana.choosesChat(ben.user.name)
	ana.hasExactly(all)
	ben.hasExactly(all)
}

// Away from the network one can go on writing, and what others wrote meanwhile comes in.
func TestBrowserOffline(t *testing.T) {
	t.Parallel()
	people := arrive(t, shared.server, "Ana", "Ben")
	ana, ben := people[0], people[1]
	ana.startsChatWith(ben.user.name)
	ana.says("before")
	ben.choosesChat(ana.user.name)
	ben.hears("before")

	ana.goesOffline(true)
	ana.isOffline()
	for i := range 3 {
		ben.says(fmt.Sprint("missed ", i))
		ana.writes(fmt.Sprint("kept ", i))
	}
	ana.hasStatus("kept 2", "pending")
	ana.goesOffline(false)
	ana.isOnline()
	all := []string{"before", "missed 0", "missed 1", "missed 2", "kept 0", "kept 1", "kept 2"}
	ana.hasExactly(all)
	ben.hasExactly(all)
}
