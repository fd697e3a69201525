package expresschat_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// frames are what no client sends: Engine.IO packets, the Socket.IO packets in them, and
// what is in those. They are sent in their order; one that begins with "binary " is sent
// as a binary message.
var frames = map[string][]string{
	"nothing":                        {""},
	"an empty message":               {"4"},
	"no such packet":                 {"9"},
	"no packet at all":               {"hello"},
	"NUL":                            {"\x00"},
	"a ping":                         {"2"},
	"a pong":                         {"3"},
	"a pong with more":               {"3" + strings.Repeat("x", 1000)},
	"the end of a probe":             {"5"},
	"a probe":                        {"2probe"},
	"noop":                           {"6"},
	"open":                           {`0{"sid":"x","upgrades":[]}`},
	"close":                          {"1"},
	"base64":                         {"bAAAA"},
	"base64 that is none":            {"b%%%"},
	"a binary frame":                 {"binary \x04hello"},
	"an empty binary frame":          {"binary "},
	"many binary frames":             {"binary 1", "binary 2", "binary 3", "binary 4"},
	"an event as binary":             {`binary 42["send-self-message",{"Content":"x"}]`},
	"two packets in one":             {"42[\"send-self-message\",{\"Content\":\"\"}]\x1e42[]"},
	"no such type":                   {"49"},
	"an event of nothing":            {"42"},
	"an event that is no list":       {"42{}"},
	"an event that is null":          {"42null"},
	"an event that is a string":      {`42"send-self-message"`},
	"an empty list":                  {"42[]"},
	"half a list":                    {`42["send-self-message",{"Content":"x"}`},
	"more than a list":               {`42["send-self-message",{"Content":"x"}]]`},
	"no JSON":                        {"42[nonsense]"},
	"not UTF-8":                      {"42[\"send-self-message\xff\",\"\xff\"]"},
	"a name that is a number":        {`42[5,{"Content":"x"}]`},
	"a name that is a fraction":      {`42[-1.5e300,{}]`},
	"a name that is null":            {`42[null,{}]`},
	"a name that is true":            {`42[true]`},
	"a name that is a list":          {`42[["send-self-message"],{}]`},
	"a name that is an object":       {`42[{"toString":"x"}]`},
	"an empty name":                  {`42["",{}]`},
	"a huge name":                    {`42["` + huge + `"]`},
	"a name with NUL":                {`42["send-self-message\u0000",{"Content":"x"}]`},
	"a prototype's name":             {`42["__proto__",{}]`, `42["constructor",{}]`, `42["toString"]`},
	"reserved names":                 {`42["connect"]`, `42["disconnect"]`, `42["disconnecting"]`, `42["connect_error"]`, `42["error"]`, `42["newListener"]`, `42["removeListener"]`, `421["connect",{}]`},
	"names of the server":            {`42["auth-failure",{}]`, `42["receive-group-message",{}]`, `42["user-id",{}]`, `42["send-image",{}]`},
	"a deeper argument":              {`42["send-self-message",` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + "]"},
	"a deeper object":                {`42["send-self-message",` + strings.Repeat(`{"x":`, 32) + "1" + strings.Repeat("}", 32) + "]"},
	"half a deep argument":           {`42["send-self-message",` + strings.Repeat("[", 500_000)},
	"many arguments":                 {`42["fetch-user-details",{}` + strings.Repeat(",null", 100_000) + "]"},
	"a large ack id":                 {`4218446744073709551615["search-user",{}]`},
	"an ack id too large":            {`4218446744073709551616["search-user",{}]`},
	"a huge ack id":                  {"42" + strings.Repeat("9", 100_000) + `["search-user",{}]`},
	"a negative ack id":              {`42-1["search-user",{}]`},
	"the same ack id twice":          {`427000["search-user",{}]`, `427000["search-user",{}]`},
	"an ack that nobody wants":       {"431[]", "43", `43x[]`, `431["x"]`},
	"a huge ack":                     {"431" + strings.Repeat("[", 300_000)},
	"connected twice":                {"40", "40"},
	"connected with a list":          {"40[]"},
	"connected with half an object":  {"40{"},
	"connected with a deep object":   {"40/nowhere," + strings.Repeat(`{"x":`, 20_000)},
	"another namespace":              {`42/nowhere,["send-self-message",{"Content":"x"}]`},
	"another namespace, joined":      {"40/nowhere,", `42/nowhere,["send-self-message",{"Content":"x"}]`},
	"leaving another namespace":      {"41/nowhere,"},
	"a huge namespace":               {"40/" + strings.Repeat("x", 100_000)},
	"a namespace and a query":        {"40/nowhere?token=x,{}"},
	"no end of a namespace":          {"42/"},
	"an error of connecting":         {`44{"message":"x"}`},
	"leaving":                        {"41"},
	"leaving twice":                  {"41", "41"},
	"leaving, and then an event":     {"41", `42["send-self-message",{"Content":"x"}]`},
	"an attachment that never comes": {`451-["send-self-message",{"Content":{"_placeholder":true,"num":0}}]`},
	"text in place of an attachment": {`451-["send-self-message",{"Content":{"_placeholder":true,"num":0}}]`, `42["search-user"]`},
	"an attachment as content":       {`451-["send-self-message",{"Content":{"_placeholder":true,"num":0}}]`, "binary x"},
	"an attachment of another num":   {`451-["send-self-message",{"Content":{"_placeholder":true,"num":-1}}]`, "binary x"},
	"a placeholder without one":      {`42["send-self-message",{"Content":{"_placeholder":true,"num":0}}]`},
	"no attachments":                 {`450-["send-self-message",{"Content":{}}]`},
	"a thousand attachments":         {`451000-["send-self-message",{"Content":{"_placeholder":true,"num":0}}]`},
	"many attachments":               {`4599999999999999999999-["send-self-message",{}]`},
	"fewer than no attachments":      {`45-1-["send-self-message",{}]`},
	"no number of attachments":       {`45["send-self-message",{}]`, "45", "45-", "45x-[]"},
	"an ack with attachments":        {`461-1[{"_placeholder":true,"num":0}]`, "binary x"},
	"over the limit":                 {`42["search-user",{"Name":"` + strings.Repeat("x", mebibyte) + `"}]`},
	"binary over the limit":          {"binary " + strings.Repeat("x", mebibyte+1)},
}

// A malformed frame costs at most the connection that it came by. Nothing changes, nobody
// hears of it, and the operator is not called.
func TestBadFrames(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("Ana"), w.person("Ben")
	a := w.enter("Ana", ana)
	w.enter("Ben", ben)
	w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))
	for _, joined := range []bool{true, false} {
		w.forget()
		before := w.rows()
		for name, sent := range frames {
			c := w.dial(ana)
			if joined {
				c.join()
				c.roundtrip()
			}
			for _, frame := range sent {
				c.send(frame)
			}
			c.overheard() // or it has come to an end
			_ = c.ws.CloseNow()
			if heard := w.news(); len(heard) > 0 {
				t.Errorf("%s: others heard %.300s", name, fmt.Sprint(heard))
			}
			if after := w.rows(); !maps.Equal(before, after) {
				t.Fatalf("%s: changed %v to %v", name, before, after)
			}
		}
	}
}

// send sends a frame, which may be binary.
func (c *client) send(frame string) {
	binary, ok := strings.CutPrefix(frame, "binary ")
	if !ok {
		c.write(frame)
	} else if err := c.ws.Write(c.Context(), websocket.MessageBinary, []byte(binary)); err != nil {
		c.Logf("write: %v", err)
	}
}
