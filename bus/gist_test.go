package bus_test

import (
	"testing"

	"expresschat/bus"
)

func TestGist(t *testing.T) {
	t.Parallel()
	of := func(s string) *string { return &s }
	named := &bus.Attachment{Name: of("a.jpg")}
	for name, tt := range map[string]struct {
		t       bus.Type
		content string
		a       *bus.Attachment
		want    string
	}{
		"a text":                  {bus.Text, "hi", nil, "hi"},
		"a text with a link":      {bus.Text, "hi", &bus.Attachment{LinkURL: of("https://x.example")}, "hi"},
		"an image":                {bus.Image, "", nil, "[image]"},
		"with a name":             {bus.Image, "", named, "[image] a.jpg"},
		"with an empty one":       {bus.Voice, "", &bus.Attachment{Name: of("")}, "[voice]"},
		"with a caption":          {bus.Image, "The sea", named, "The sea"},
		"captioned with its name": {bus.Image, "a.jpg", named, "[image] a.jpg"},
		"captioned with a space":  {bus.Image, " ", named, "[image] a.jpg"},
		"forwarded":               {bus.Forward, "", &bus.Attachment{Picture: of("p.jpg")}, "[forward]"},
		"a place":                 {bus.Location, "", &bus.Attachment{Latitude: of("52.5"), Longitude: of("-13.4")}, "[location] 52.5, -13.4"},
		"a place in words":        {bus.Location, "here", &bus.Attachment{Latitude: of("52.5"), Longitude: of("13.4")}, "here"},
		"a place that is none":    {bus.Location, "", &bus.Attachment{Latitude: of("x\u202e"), Longitude: of("13.4")}, "[location]"},
		"a place beyond":          {bus.Location, "", &bus.Attachment{Latitude: of("361"), Longitude: of("13.4")}, "[location]"},
		"no number at all":        {bus.Location, "", &bus.Attachment{Latitude: of("NaN"), Longitude: of("13.4")}, "[location]"},
		"half a place":            {bus.Location, "", &bus.Attachment{Latitude: of("52.5")}, "[location]"},
	} {
		if got := bus.Gist(tt.t, tt.content, tt.a); got != tt.want {
			t.Errorf("%s is %q, want %q", name, got, tt.want)
		}
	}
}
