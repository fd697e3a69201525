package vchat_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shape says of each key of an object what its value may be: some of string, int, bit (0 or
// 1), bool, null, or the name of another shape.
type shape map[string]string

var shapes = map[string]shape{
	"room": {
		"_id": "string", "creatorId": "string", "title": "string", "thumbImage": "string", "roomType": "string",
		"blockerId": "string null", "groupSetting": "setting null", "updatedAt": "int", "lastMessage": "message",
		"isOnline": "bit", "isMute": "bit", "ifPeerReadMyLastMessage": "bit", "unReadCount": "int",
		"roomMembersCount": "int", "peerId": "string null", "peerEmail": "string null",
	},
	"setting": {"name": "string", "roomMembersCount": "int", "role": "string", "isGroupCreator": "bool", "imageThumb": "string"},
	"message": {
		"_id": "string", "content": "string", "senderId": "string", "senderName": "string", "senderImageThumb": "string",
		"roomId": "string", "createdAt": "int", "messageAttachment": "attachment null", "messageType": "string",
	},
	"attachment": {
		"imageUrl": "string null", "playUrl": "string null", "fileSize": "string null", "fileDuration": "string null",
		"width": "string null", "height": "string null", "lat": "string null", "lang": "string null",
		"linkTitle": "string null", "linkDescription": "string null", "linkDataUrl": "string null",
	},
	"user": {
		"_id": "string", "name": "string", "email": "string", "imageThumb": "string", "accessToken": "string",
		"createdAt": "int", "updatedAt": "int",
	},
	"member": {"_id": "string", "imageThumb": "string", "email": "string", "name": "string", "role": "string"},
	"info":   {"name": "string", "imageThumb": "string"},
	"online": {"status": "bit", "roomId": "string"},
	"typing": {"status": "string", "name": "string", "roomId": "string"},
}

// object is a JSON object that was checked.
type object map[string]any

func (o object) text(key string) string {
	s, _ := o[key].(string)
	return s
}

func (o object) num(key string) string { return fmt.Sprint(o[key]) }

func (o object) obj(key string) object {
	m, _ := o[key].(map[string]any)
	return m
}

// check reads an object and fails unless it has exactly the keys of a shape, each of its type.
func check(t T, name, text string) object {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var o map[string]any
	if err := d.Decode(&o); err != nil {
		t.Fatalf("%s is no object: %.300s", name, text)
	}
	checkShape(t, name, o)
	return o
}

func checkShape(t T, name string, o map[string]any) {
	t.Helper()
	want := shapes[name]
	if got, want := slices.Sorted(maps.Keys(o)), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
		t.Errorf("a %s has the keys %v, want %v", name, got, want)
	}
	for key, types := range want {
		if !slices.ContainsFunc(strings.Fields(types), func(kind string) bool { return fits(t, kind, o[key]) }) {
			t.Errorf("%s of a %s is %v (%T), want %s", key, name, o[key], o[key], types)
		}
	}
}

func fits(t T, kind string, v any) bool {
	t.Helper()
	n, isNumber := v.(json.Number)
	switch kind {
	case "string":
		_, ok := v.(string)
		return ok
	case "bool":
		_, ok := v.(bool)
		return ok
	case "null":
		return v == nil
	case "bit":
		return isNumber && (n == "0" || n == "1")
	case "int":
		_, err := n.Int64()
		return isNumber && err == nil
	}
	o, ok := v.(map[string]any)
	if ok {
		checkShape(t, kind, o)
	}
	return ok
}

// checkList does so with every object of a list.
func checkList(t T, name, text string) []object {
	t.Helper()
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil || list == nil {
		t.Fatalf("no list of %s: %.300s", name, text)
	}
	all := make([]object, len(list))
	for i, raw := range list {
		all[i] = check(t, name, string(raw))
	}
	return all
}

// inside returns the text in a JSON string.
func inside(t T, text string) string {
	t.Helper()
	var s string
	if json.Unmarshal([]byte(text), &s) != nil {
		t.Fatalf("no JSON string: %.300s", text)
	}
	return s
}

func toJSON(t T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
