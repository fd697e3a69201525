package payload

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// separator stands between the packets of a body of revision 4. JSON holds it only escaped.
const separator = 0x1e

// Next4 takes the first packet off a body of revision 4; rest is empty when it was the
// last. Nobody sends a body without packets: an empty one is ErrMalformed, as all else
// that is wrong.
func Next4(body []byte) (p Packet, rest []byte, err error) {
	text, rest, more := bytes.Cut(body, []byte{separator})
	if more && len(rest) == 0 {
		return Packet{}, nil, fmt.Errorf("%w: nothing behind the last separator", ErrMalformed)
	}
	p, err = Decode4(text[:len(text):len(text)])
	if err != nil {
		return Packet{}, nil, err
	}
	return p, rest, nil
}

// Append4 appends the text of a packet to a body of revision 4, which holds nothing
// but such packets.
func Append4(body, text []byte) []byte {
	return append(separate(body), text...)
}

// AppendBinary4 appends a binary Message to a body of revision 4.
func AppendBinary4(body, data []byte) []byte {
	return base64.StdEncoding.AppendEncode(append(separate(body), 'b'), data)
}

func separate(body []byte) []byte {
	if len(body) > 0 {
		body = append(body, separator)
	}
	return body
}
