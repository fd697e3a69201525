package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"testing"
)

// What VChat's keys may hold. Its clients drop a whole list for a number that is written
// as 1.0, for a yes in place of a 1, and for a key that is missing.
var (
	anything  = rule{"anything", func(any) bool { return true }}
	anyText   = rule{"a text", func(v any) bool { _, ok := v.(string); return ok }}
	anyCount  = rule{"a whole number from 0 on", func(v any) bool { n, ok := v.(float64); return ok && n >= 0 }}
	anyBit    = rule{"0 or 1", func(v any) bool { return v == 0.0 || v == 1.0 }}
	anyBool   = rule{"true or false", func(v any) bool { _, ok := v.(bool); return ok }}
	anyMillis = rule{"a time in ms of this century", func(v any) bool { n, ok := v.(float64); return ok && n > 1e12 && n < 4e12 }}
	fileName  = rule{"a bare file name", matches(`^[A-Za-z0-9_-]+\.[A-Za-z0-9]+$`)}
	roomKind  = rule{"single or groupChat", matches(`^(single|groupChat)$`)}
	wireType  = rule{"a type of message", matches(`^(text|voice|image|video|file|reply|allDeleted|location|forward|` +
		`create|join|leave|upgrade|downgrade|info|kick|add)$`)}
)

// wireMessage, wireRoom and wireUser are the shapes of the protocol with some values given:
// no key is missing, and there is none but these.
func wireMessage(given obj) exact {
	return with(given, exact{
		"_id": someText, "content": anyText, "senderId": someText, "senderName": someText,
		"senderImageThumb": fileName, "roomId": someText, "createdAt": anyMillis,
		"messageType": wireType, "messageAttachment": orNull{wireAttachment(nil)},
	})
}

func wireAttachment(given obj) exact {
	all := exact{}
	for _, key := range []string{
		"imageUrl", "playUrl", "fileSize", "fileDuration", "width", "height", "lat", "lang",
		"linkTitle", "linkDescription", "linkDataUrl",
	} {
		all[key] = orNull{anyText}
	}
	return with(given, all)
}

func wireRoom(given obj) exact {
	return with(given, exact{
		"_id": someText, "creatorId": someText, "title": someText, "thumbImage": fileName,
		"roomType": roomKind, "blockerId": orNull{someText}, "groupSetting": orNull{wireSetting(nil)},
		"updatedAt": anyMillis, "lastMessage": wireMessage(nil), "isOnline": anyBit, "isMute": anyBit,
		"ifPeerReadMyLastMessage": anyBit, "unReadCount": anyCount, "roomMembersCount": anyCount,
		"peerId": orNull{someText}, "peerEmail": orNull{someText},
	})
}

func wireSetting(given obj) exact {
	return with(given, exact{
		"name": someText, "roomMembersCount": anyCount, "imageThumb": fileName,
		"role": rule{"admin or member", matches(`^(admin|member)$`)}, "isGroupCreator": anyBool,
	})
}

func wireUser(given obj) exact {
	return with(given, exact{
		"_id": someText, "name": someText, "email": someText, "imageThumb": fileName,
		"accessToken": anyText, "createdAt": anyMillis, "updatedAt": anyMillis,
	})
}

func wireMember(given obj) exact {
	return with(given, exact{
		"_id": someText, "imageThumb": fileName, "email": someText, "name": someText,
		"role": rule{"admin or member", matches(`^(admin|member)$`)},
	})
}

// with is a shape with some values given. One that is a message's or a setting's own is a
// shape as well.
func with(given obj, shape exact) exact {
	maps.Copy(shape, given)
	return shape
}

var whole = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// strictly decodes JSON for mismatch, but a number stays as it is written if it is not
// written as an integer, and then is like nothing that is wanted.
func strictly(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode %.200s: %w", text, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("more than one value: %.200s", text)
	}
	return integers(v), nil
}

func integers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Float64(); err == nil && whole.MatchString(v.String()) {
			return n
		}
	case obj:
		for key := range v {
			v[key] = integers(v[key])
		}
	case list:
		for i := range v {
			v[i] = integers(v[i])
		}
	}
	return v
}

func TestVChatShapesAreStrict(t *testing.T) {
	t.Parallel()
	const message = `{"_id":"m","content":"","senderId":"u","senderName":"U","senderImageThumb":"a.png",` +
		`"roomId":"r","createdAt":1640862250273,"messageType":"text","messageAttachment":null}`
	tests := map[string]struct {
		shape any
		text  string
		same  bool
	}{
		"a message":                 {wireMessage(nil), message, true},
		"of another type":           {wireMessage(obj{"messageType": "add"}), message, false},
		"an integer":                {anyCount, `1`, true},
		"a float is no integer":     {anyCount, `1.0`, false},
		"nor is an exponent":        {anyCount, `1e0`, false},
		"nor a text":                {anyCount, `"1"`, false},
		"nor a bool":                {anyBit, `true`, false},
		"a number is no bool":       {anyBool, `1`, false},
		"2 is no bit":               {anyBit, `2`, false},
		"a value given":             {obj{"createdAt": 5}, `{"createdAt":5}`, true},
		"a float is no value given": {obj{"createdAt": 5}, `{"createdAt":5.0}`, false},
		"nor is a text":             {obj{"createdAt": 5}, `{"createdAt":"5"}`, false},
		"true is no 1":              {obj{"isOnline": 1}, `{"isOnline":true}`, false},
		"false is no 0":             {obj{"isOnline": 0}, `{"isOnline":false}`, false},
		"null is no 0":              {obj{"isOnline": 0}, `{"isOnline":null}`, false},
		"an object is no text":      {anyText, `{}`, false},
		"null is no list":           {each{anything}, `null`, false},
		"null where it is allowed":  {orNull{anyText}, `null`, true},
		"null where it is not":      {anyText, `null`, false},
		"a key is missing":          {wireSetting(nil), `{"name":"a"}`, false},
		"a key too many": {
			wireSetting(nil),
			`{"name":"a","roomMembersCount":1,"imageThumb":"a.png","role":"admin","isGroupCreator":true,"x":1}`, false,
		},
		"a URL is no file name": {fileName, `"http://chat/a.png"`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := strictly([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if why := mismatch("", tt.shape, v); (why == "") != tt.same {
				t.Errorf("mismatch says %q", why)
			}
		})
	}
}
