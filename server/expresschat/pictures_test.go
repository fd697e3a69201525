package expresschat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// pictured makes a request about a picture, and returns what the answer says of it.
func (h *house) pictured(q request) string {
	h.Helper()
	answer := h.ask(q)
	var got struct{ Picture string }
	if answer.String() != "200:1" || answer.oddity != "" || json.Unmarshal([]byte(answer.text), &got) != nil {
		h.Fatalf("a picture is answered by %v %s %s", answer, answer.oddity, answer.text)
	}
	return got.Picture
}

func dropping(path string, p person) request {
	return request{method: http.MethodDelete, path: path, bearer: p.tokens.Access}
}

// A picture is seen at once by everybody who sees its owner, and wherever they come upon them
// later.
func TestPicturesOfPeople(t *testing.T) {
	w := newTogether(t)
	zoe := w.enter("Zoe", w.person("Zoe"))
	w.forget()
	set := func(q request) string {
		t.Helper()
		picture := w.pictured(q)
		want := fmt.Sprintf(`["name-changed",{"User":%q,"Name":"Ana","Picture":%q}]`, w.ana.id, picture)
		expect(t, "told of a picture", lines(w.news(), nil), map[string]string{"Ana": want, "Ana" + otherTab: want, "Ben": want})
		return picture
	}
	picture := set(sending("/account/picture", w.ana, part{"file", "me.png", aPicture}))
	if !strings.HasPrefix(picture, "/media/profile/") {
		t.Fatalf("the picture is %s", picture)
	}
	check := func(want string) {
		t.Helper()
		w.done(w.a.emit("fetch-user-details", object{}))
		w.done(w.b.emit("fetch-personal-chat", object{"ChatId": w.personal}))
		b, a := w.connect(w.ben), w.connect(w.ana)
		list := b.first("personal-chat-list").arg["PersonalChatList"].([]any)
		for where, got := range map[string]any{
			"user-details": w.a.last("user-details")["Picture"], "user-id": a.first("user-id").arg["Picture"],
			"personal-chat": w.b.last("personal-chat")["Picture"], "the list": list[0].(map[string]any)["Picture"],
		} {
			if got != want {
				t.Errorf("%s has %v, want %s", where, got, want)
			}
		}
		w.forget()
	}
	check(picture)
	if other := set(sending("/account/picture", w.ana, part{"file", "me.png", aPicture})); other == picture {
		t.Error("another picture has the name of the last one")
	}
	if none := set(dropping("/account/picture", w.ana)); none != "" {
		t.Errorf("no picture is %s", none)
	}
	check("")
	picture = set(sending("/account/picture", w.ana, part{"file", "me.png", aPicture}))
	ack := w.done(zoe.emit("create-personal-chat", object{"Receiver": w.ana.id}))
	w.settle()
	if got := zoe.last("create-personal-chat-creator")["Picture"]; got != picture {
		t.Errorf("who begins %v with Ana sees %v", ack, got)
	}
	if got := w.a.last("create-personal-chat-partner")["Picture"]; got != "" {
		t.Errorf("Ana sees Zoe as %v", got)
	}
}

// A group's picture is seen at once by its members, and by who comes into it.
func TestPicturesOfGroups(t *testing.T) {
	w := newTogether(t)
	cem := w.person("Cem")
	c := w.enter("Cem", cem)
	w.forget()
	path := "/groups/" + w.group + "/picture"
	set := func(q request) string {
		t.Helper()
		picture := w.pictured(q)
		heard := w.news()
		for _, who := range []string{"Ana", "Ana" + otherTab, "Ben"} {
			if got := heard[who]; len(got) != 1 || got[0].name != "group-changed" || got[0].arg["Picture"] != picture || got[0].arg["Name"] != "g" {
				t.Errorf("%s heard %v", who, got)
			}
		}
		if len(heard["Cem"]) > 0 {
			t.Errorf("a stranger heard %v", heard["Cem"])
		}
		return picture
	}
	picture := set(sending(path, w.ana, part{"file", "us.png", aPicture}))
	w.done(w.b.emit("fetch-group-chat", object{"GroupId": w.group}))
	list := w.connect(w.ben).first("group-chat-list").arg["GroupChatList"].([]any)
	w.done(w.a.emit("add-member", object{"GroupId": w.group, "Member": cem.id}))
	w.settle()
	for where, got := range map[string]any{
		"group-chat": w.b.last("group-chat")["Picture"], "the list": list[0].(map[string]any)["Picture"],
		"who is added": c.last("create-group-chat-receiver")["Picture"],
	} {
		if got != picture || picture == "" {
			t.Errorf("%s has %v, want %s", where, got, picture)
		}
	}
}

// What is no picture, or not theirs to change, changes nothing.
func TestPicturesThatAreRefused(t *testing.T) {
	w := newTogether(t)
	zoe := w.person("Zoe")
	good, group := part{"file", "me.png", aPicture}, "/groups/"+w.group+"/picture"
	personal, cut := "/groups/"+w.personal+"/picture", sending("/account/picture", w.ana, good)
	cut.body = strings.TrimSuffix(cut.body, "--\r\n")
	for what, tt := range map[string]struct {
		want string
		q    request
	}{
		"no image":            {"400:-1", sending("/account/picture", w.ana, part{"file", "me.png", aFile})},
		"half an image":       {"400:-1", sending("/account/picture", w.ana, part{"file", "me.png", aPicture[:40]})},
		"no end":              {"400:-1", cut},
		"a bomb":              {"400:-1", sending("/account/picture", w.ana, part{"file", "me.png", aBomb()})},
		"no file":             {"400:-1", sending("/account/picture", w.ana, part{"files", "me.png", aPicture})},
		"no image of a group": {"400:-1", sending(group, w.ana, part{"file", "us.png", aFile})},
		"by a member":         {"403:0", sending(group, w.ben, good)},
		"gone by a member":    {"403:0", dropping(group, w.ben)},
		"by a stranger":       {"404:0", sending(group, zoe, good)},
		"gone by a stranger":  {"404:0", dropping(group, zoe)},
		"of two":              {"404:0", sending(personal, w.ana, good)},
		"gone of two":         {"404:0", dropping(personal, w.ana)},
		"of no group":         {"404:0", sending("/groups/x/picture", w.ana, good)},
		"gone of no group":    {"404:0", dropping("/groups/x/picture", w.ana)},
	} {
		w.expect(tt.want, what, tt.q)
	}
	if heard := w.news(); len(heard) > 0 {
		t.Errorf("heard %v", heard)
	}
	w.checkNothingStays()
}
