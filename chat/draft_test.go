package chat

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
)

// taker is a log that takes everything.
type taker struct{ Log }

func (taker) Append(_ auth.Actor, _ Draft, done func(Receipt, error)) { done(Receipt{}, nil) }

func TestDrafts(t *testing.T) {
	t.Parallel()
	of := func(s string) *bus.Attachment { return &bus.Attachment{File: &s} }
	const around = len(`{"file":""}`)
	tests := map[string]struct {
		draft Draft
		want  error
	}{
		"text":                         {Draft{Content: "x"}, nil},
		"text by its name":             {Draft{Type: bus.Text, Content: "x"}, nil},
		"an image with words":          {Draft{Type: bus.Image, Content: "x", Attachment: of("a.png")}, nil},
		"an image without":             {Draft{Type: bus.Image, Attachment: of("a.png")}, nil},
		"nothing":                      {Draft{}, ErrContentSize},
		"an image without a picture":   {Draft{Type: bus.Image}, ErrContentSize},
		"an attachment of nothing":     {Draft{Type: bus.Image, Attachment: &bus.Attachment{}}, ErrContentSize},
		"as long as may be":            {Draft{Content: strings.Repeat("x", MaxContent)}, nil},
		"longer":                       {Draft{Content: strings.Repeat("x", MaxContent+1)}, ErrContentSize},
		"longer, beside an attachment": {Draft{Content: strings.Repeat("x", MaxContent+1), Attachment: of("x")}, ErrContentSize},
		"half a character":             {Draft{Content: "\xc3"}, ErrContentText},
		"a NUL":                        {Draft{Content: "a\x00"}, ErrContentText},
		"the server's own words":       {Draft{Type: bus.Kick, Content: "x"}, ErrType},
		"the end of a group":           {Draft{Type: bus.Delete, Content: "x"}, ErrType},
		"no type that there is":        {Draft{Type: "poem", Content: "x"}, ErrType},
		"an attachment that just fits": {Draft{Attachment: of(strings.Repeat("x", MaxAttachment-around))}, nil},
		"one byte more":                {Draft{Attachment: of(strings.Repeat("x", MaxAttachment-around+1))}, ErrAttachment},
		"too long as JSON":             {Draft{Attachment: of(strings.Repeat("\n", MaxAttachment/2))}, ErrAttachment},
		"an attachment with a NUL":     {Draft{Content: "x", Attachment: of("\x00")}, ErrAttachment},
		"an attachment cut in two":     {Draft{Content: "x", Attachment: of("\xc3")}, ErrAttachment},
		"a long client's id":           {Draft{Content: "x", ClientID: strings.Repeat("é", MaxClientID)}, nil},
		"one that is too long":         {Draft{Content: "x", ClientID: strings.Repeat("é", MaxClientID+1)}, ErrClientID},
	}
	for name, tt := range tests {
		var got error
		New(taker{}, nil).Send(auth.Actor{}, tt.draft, func(_ Receipt, err error) { got = err })
		if !errors.Is(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// Everything in an attachment is looked at, and counts.
func TestAttachmentsHaveNoOtherFields(t *testing.T) {
	t.Parallel()
	var a bus.Attachment
	v, found := reflect.ValueOf(&a).Elem(), 0
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Int64 {
			continue // a number can't be wrong
		}
		found++
		a = bus.Attachment{}
		bad := "\x00"
		v.Field(i).Set(reflect.ValueOf(&bad))
		if err := checkAttachment(&a); !errors.Is(err, ErrAttachment) || (Draft{Attachment: &a}).Size() != 1 {
			t.Errorf("%s: %v", v.Type().Field(i).Name, err)
		}
	}
	if found != len(texts(&a)) {
		t.Errorf("%d texts, of which %d are looked at", found, len(texts(&a)))
	}
}

func TestPageChecks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		page Page
		want error
	}{
		"the newest":            {Page{}, nil},
		"before a name":         {Page{BeforeID: "m", System: true}, nil},
		"before two things":     {Page{BeforeID: "m", Before: 1}, ErrPage},
		"after and before":      {Page{BeforeID: "m", After: 1}, ErrPage},
		"between two places":    {Page{Before: 9, After: 1}, ErrPage},
		"from the start, back":  {Page{BeforeID: "m", FromStart: true}, ErrPage},
		"less than no messages": {Page{Limit: -1}, ErrPage},
	}
	for name, tt := range tests {
		if err := tt.page.Check(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
