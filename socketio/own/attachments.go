package own

import (
	"expresschat/socketio"
	"expresschat/socketio/engineio"
)

// attachments are binary data that follow a packet. nil is none of them.
type attachments struct {
	data   [][]byte
	framed [2][]engineio.Message // for clients of revision 3 and 4, once there is one
}

// attached is what follows a packet with args.
func attached(args socketio.Args) *attachments {
	if len(args.Attachments) == 0 {
		return nil
	}
	return &attachments{data: args.Attachments}
}

// messages returns them for clients that speak revision 3 or 4. All get the same.
func (a *attachments) messages(revision int) []engineio.Message {
	if a == nil {
		return nil
	}
	return a.frame(revision)
}

func (a *attachments) frame(revision int) []engineio.Message {
	framed := &a.framed[revision-3]
	if *framed == nil {
		for _, data := range a.data {
			*framed = append(*framed, engineio.NewBytes(data, revision))
		}
	}
	return *framed
}
