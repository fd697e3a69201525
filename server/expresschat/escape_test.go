package expresschat_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/server/expresschat"
)

// hostile is what a page that inserts text as HTML would run.
const hostile = `<i>&"'`

// withText are all events that a client may hear and that carry what people wrote; the others
// carry ids, numbers, and words of the server.
var withText = []string{
	"user-id", "personal-chat-list", "group-chat-list", "user-details", "searched-user", "added-user-match",
	"self-chat", "personal-chat", "group-chat", "create-chat-result", "create-personal-chat-creator",
	"create-personal-chat-partner", "create-group-chat-creator", "create-group-chat-receiver", "own-message",
	"receive-personal-message", "receive-group-message", "user-typing", "name-changed", "add-member-success", "new-grp-added",
	"kickout-successful", "kicked-out", "someone-kicked-out", "change-admin-success-creator", "change-admin-success-receiver",
	"group-left-success", "user-left-grp", "delete-group-chat-creator", "delete-grp-success-receiver",
	"role-changed", "group-changed",
}

// Where text is escaped, it is so in every event and ack that carries any, for everybody but
// those who are known to show text as text: they get all of it as it is.
func TestHostileTextIsEscaped(t *testing.T) {
	w := newWorld(t, func(p *expresschat.Parts) { p.EscapeHTML, p.PlainClients = true, []string{"terminal"} })
	people := map[string]person{}
	for _, name := range []string{"Eve", "Ann", "Cat"} {
		people[name] = w.person(name)
		_, err := w.auth.Rename(t.Context(), people[name].id, name+hostile)
		w.must(err)
		w.enterAs(name+" html", people[name], `{"client":"first-page/1"}`)
		w.enterAs(name+" text", people[name], `{"client":"expresschat-web/1"}`)
	}
	w.enterAs("Cat terminal", people["Cat"], `{"client":"terminal/7"}`)
	for _, by := range []string{"html", "text"} {
		w.act(by, people)
		w.enterAs("Eve after "+by+" as text", people["Eve"], `{"client":"expresschat-web/1"}`)
		w.enterAs("Ann after "+by+" as html", people["Ann"], ``)
	}
	w.settle()
	raw, safe := map[string]bool{}, map[string]bool{}
	for name, c := range w.sockets {
		takesHTML := strings.HasSuffix(name, "html")
		for _, e := range c.all() {
			for _, text := range texts(e.arg) {
				special := strings.ContainsAny(text, `<>"'`) || loose.MatchString(text)
				switch {
				case takesHTML && special:
					t.Fatalf("%s gets %s", name, e.raw)
				case takesHTML && strings.Contains(text, "&lt;i&gt;&amp;&quot;&#39;"):
					safe[e.name] = true
				case !takesHTML && strings.Contains(text, "&lt;"):
					t.Fatalf("%s gets %s", name, e.raw)
				case special:
					raw[e.name] = true
				}
			}
		}
		for _, ack := range c.acks {
			if takesHTML && (strings.Contains(string(ack), `\u003c`) || strings.Contains(string(ack), `<`)) {
				t.Errorf("%s is answered by %s", name, ack)
			}
		}
	}
	want := slices.Sorted(slices.Values(withText))
	for what, got := range map[string]map[string]bool{"escaped": safe, "as it is": raw} {
		if events := slices.Sorted(maps.Keys(got)); !slices.Equal(events, want) {
			t.Errorf("%s: text came in %v, want %v", what, events, want)
		}
	}
}

// What is said of a file is text like any other.
func TestHostileNamesOfFilesAreEscaped(t *testing.T) {
	w := newWorld(t, func(p *expresschat.Parts) { p.EscapeHTML = true })
	eve := w.person("Eve")
	w.enterAs("html", eve, "")
	w.enterAs("text", eve, `{"client":"expresschat-web/1"}`)
	up := w.uploads(eve, part{"file", "f" + hostile, aFile})
	w.done(w.enter("Eve", eve).emit("send-self-message", object{"Content": hostile, "Upload": up["id"]}))
	w.done(w.sockets["html"].emit("fetch-self-chat", object{}))
	w.settle()
	page := w.sockets["html"].last("self-chat")["Messages"].([]any)[0].(map[string]any)
	for where, tt := range map[string]struct {
		got  any
		want string
	}{
		"html, live":    {w.sockets["html"].last("own-message")["Attachment"], "&lt;i&gt;&amp;&quot;&#39;"},
		"html, fetched": {page["Attachment"], "&lt;i&gt;&amp;&quot;&#39;"},
		"text":          {w.sockets["text"].last("own-message")["Attachment"], hostile},
	} {
		got := tt.got.(map[string]any)
		if got["Name"] != "f"+tt.want || got["Caption"] != tt.want {
			t.Errorf("%s: %v, want %v", where, got, tt.want)
		}
	}
}

// loose is an ampersand that begins no entity of ours.
var loose = regexp.MustCompile(`&(?:$|[^alqg#]|a[^m]|l[^t]|g[^t]|q[^u])`)

// texts are all strings in an argument.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	case map[string]any:
		for key, item := range v {
			all = append(append(all, key), texts(item)...)
		}
	}
	return all
}

// enterAs is enter with what a client says of itself.
func (w *world) enterAs(name string, p person, shown string) {
	w.Helper()
	c := w.dialWith(url.Values{"accessToken": {p.tokens.Access}, "refreshToken": {p.tokens.Refresh}}, nil)
	c.write("40" + shown)
	c.await(func() bool { return c.joined })
	c.roundtrip()
	w.sockets[name] = c
}

// act has Eve do all that others hear of, by one of her sockets, and Ann as the owner after
// her.
func (w *world) act(by string, people map[string]person) {
	w.Helper()
	eve, ann := w.sockets["Eve "+by], w.sockets["Ann "+by]
	id := func(name string) auth.UserID { return people[name].id }
	do := func(c *client, event string, arg object) map[string]any { return w.done(c.emit(event, arg)) }
	text := object{"Content": hostile}
	with := func(key string, value any) object {
		all := maps.Clone(text)
		all[key] = value
		return all
	}
	do(eve, "fetch-user-details", nil)
	do(eve, "search-user", object{"Name": "", "Type": "Search"})
	do(eve, "search-user", object{"Name": "", "Type": "Add"})
	do(eve, "send-self-message", text)
	file := w.uploads(people["Eve"], part{"file", "f" + hostile, aFile})["id"]
	do(eve, "send-self-message", with("Upload", file))
	do(eve, "fetch-self-chat", nil)
	other := "Ann"
	if by == "text" {
		other = "Cat"
	}
	two := do(eve, "create-personal-chat", object{"Receiver": id(other)})["ChatId"]
	do(eve, "check-chat", object{"Receiver": id(other)})
	do(eve, "send-personal-message", with("ChatId", two))
	do(eve, "send-personal-message", object{"ChatId": two, "Content": hostile, "Upload": file})
	do(eve, "fetch-personal-chat", object{"ChatId": two})
	do(eve, "typing", object{"ChatId": two, "Status": "typing"})
	do(eve, "change-name", object{"Name": "Eve" + hostile + by})

	group := do(eve, "create-group-chat", object{"Name": "g" + hostile, "Description": hostile, "Participants": []any{id("Ann")}})["GroupId"].(string)
	in := object{"GroupId": group}
	at := func(member string) object { return object{"GroupId": group, "Member": id(member)} }
	do(eve, "send-group-message", with("GroupId", group))
	do(eve, "send-group-message", object{"GroupId": group, "Upload": file})
	do(eve, "fetch-group-chat", in)
	do(eve, "add-member", at("Cat"))
	do(eve, "kickout", at("Cat"))
	do(eve, "add-member", at("Cat"))
	actor, room := auth.Actor{User: id("Eve")}, bus.RoomID(group)
	w.must(w.groups.Promote(w.Context(), actor, room, id("Cat")))
	w.must(w.groups.Rename(w.Context(), actor, room, "h"+hostile))
	do(eve, "change-admin", at("Ann"))
	do(eve, "leave-grp", in)
	do(ann, "delete-grp", in)
	do(eve, "create-group-chat", object{"Name": "stays" + hostile, "Participants": []any{id("Ann")}})
	eve.emit("leave-grp", in)()
	eve.emit("add-member", in)()
}
