package packet

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"unicode/utf8"
)

// AppendEvent appends an EVENT packet with one argument to dst. With an error, which
// is that of encoding arg, it returns dst as it was.
func AppendEvent(dst []byte, namespace, event string, arg any) ([]byte, error) {
	return single(dst, head(dst, Event, namespace), event, arg)
}

// AppendEventAck is AppendEvent for an event that the client is to acknowledge by id.
func AppendEventAck(dst []byte, namespace string, id uint64, event string, arg any) ([]byte, error) {
	return single(dst, strconv.AppendUint(head(dst, Event, namespace), id, 10), event, arg)
}

// single appends an event with one argument to text, which has begun in place of dst.
func single(dst, text []byte, event string, arg any) ([]byte, error) {
	text = append(quote(append(text, '['), event), ',')
	text, err := encode(text, arg)
	if err != nil {
		return dst, fmt.Errorf("encode argument of %q: %w", event, err)
	}
	return append(text, ']'), nil
}

// AppendAck appends an ACK packet with one argument to dst. With an error, which is
// that of encoding arg, it returns dst as it was.
func AppendAck(dst []byte, namespace string, id uint64, arg any) ([]byte, error) {
	text := strconv.AppendUint(head(dst, Ack, namespace), id, 10)
	text, err := encode(append(text, '['), arg)
	if err != nil {
		return dst, fmt.Errorf("encode argument of acknowledgement: %w", err)
	}
	return append(text, ']'), nil
}

// AppendEventArgs appends an event with any arguments to dst: as EVENT, or as
// BINARY_EVENT with the number of attachments that are to follow. With an error, which
// is ErrArgs, it returns dst as it was.
func AppendEventArgs(dst []byte, namespace, event string, args []json.RawMessage, attachments int) ([]byte, error) {
	text := append(binaryHead(dst, Event, BinaryEvent, namespace, attachments), '[')
	return list(dst, quote(text, event), args, attachments)
}

// AppendEventAckArgs is AppendEventArgs for an event that the client is to acknowledge by
// id.
func AppendEventAckArgs(dst []byte, namespace string, id uint64, event string, args []json.RawMessage, attachments int) ([]byte, error) {
	text := binaryHead(dst, Event, BinaryEvent, namespace, attachments)
	text = append(strconv.AppendUint(text, id, 10), '[')
	return list(dst, quote(text, event), args, attachments)
}

// AppendAckArgs is AppendEventArgs for an acknowledgement.
func AppendAckArgs(dst []byte, namespace string, id uint64, args []json.RawMessage, attachments int) ([]byte, error) {
	text := binaryHead(dst, Ack, BinaryAck, namespace, attachments)
	return list(dst, append(strconv.AppendUint(text, id, 10), '['), args, attachments)
}

// list appends args to text, which has begun their list in place of dst, and ends it.
func list(dst, text []byte, args []json.RawMessage, attachments int) ([]byte, error) {
	if attachments > maxAttachments {
		return dst, fmt.Errorf("%w: %d attachments", ErrArgs, attachments)
	}
	first := text[len(text)-1] == '['
	for i, arg := range args {
		if !first {
			text = append(text, ',')
		}
		first = false
		if arg == nil {
			arg = json.RawMessage("null")
		}
		if !isValue(arg) || !utf8.Valid(arg) {
			return dst, fmt.Errorf("%w: argument %d is not JSON", ErrArgs, i)
		}
		if attachments > 0 {
			if _, ok := placeholders(arg, attachments); !ok {
				return dst, fmt.Errorf("%w: argument %d has a placeholder without attachment", ErrArgs, i)
			}
		}
		text = append(text, arg...)
	}
	return append(text, ']'), nil
}

// AppendConnect appends what tells a client of revision 5 that it is in.
func AppendConnect(dst []byte, namespace, sid string) []byte {
	dst = append(head(dst, Connect, namespace), `{"sid":`...)
	return append(quote(dst, sid), '}')
}

// AppendConnectPlain appends what tells a client of revision 4 that it is in. Its
// socket's id it knows from Engine.IO.
func AppendConnectPlain(dst []byte, namespace string) []byte {
	return head(dst, Connect, namespace)
}

// AppendConnectError appends what tells a client of revision 5 that it may not come in.
func AppendConnectError(dst []byte, namespace, message string) []byte {
	dst = append(head(dst, ConnectError, namespace), `{"message":`...)
	return append(quote(dst, message), '}')
}

// AppendConnectErrorPlain is AppendConnectError for revision 4, whose clients hand
// the data to the application as it is: the message and nothing around it.
func AppendConnectErrorPlain(dst []byte, namespace, message string) []byte {
	return quote(head(dst, ConnectError, namespace), message)
}

// AppendDisconnect appends what ends a client's stay in the namespace.
func AppendDisconnect(dst []byte, namespace string) []byte {
	return head(dst, Disconnect, namespace)
}

// head keeps the comma behind a namespace even if nothing follows: both revisions'
// own encoders do.
func head(dst []byte, t Type, namespace string) []byte {
	dst = append(dst, '0'+byte(t))
	if namespace != "/" {
		dst = append(append(dst, namespace...), ',')
	}
	return dst
}

// binaryHead is head, of the second type if there are attachments.
func binaryHead(dst []byte, t, binary Type, namespace string, attachments int) []byte {
	if attachments == 0 {
		return head(dst, t, namespace)
	}
	dst = strconv.AppendInt(append(dst, '0'+byte(binary)), int64(attachments), 10)
	dst = append(dst, '-')
	if namespace != "/" {
		dst = append(append(dst, namespace...), ',')
	}
	return dst
}

// quote appends s as encode would, but what needs no escapes, as nearly all that comes
// here, without the allocation of an interface.
func quote(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			dst, _ = encode(dst, s) // of a string this can't fail
			return dst
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// encoder is a json.Encoder that appends to text.
type encoder struct {
	text []byte
	json *json.Encoder
}

// Write implements io.Writer.
func (e *encoder) Write(p []byte) (int, error) {
	e.text = append(e.text, p...)
	return len(p), nil
}

// encoders keep nothing of what was encoded. One whose use ended with a panic does not
// come back.
var encoders = sync.Pool{New: func() any {
	e := new(encoder)
	e.json = json.NewEncoder(e)
	e.json.SetEscapeHTML(false)
	return e
}}

// encode appends v as JSON without what is only needed inside HTML: half of all
// messages hold an & or a <, and escaped they are six times as long.
func encode(dst []byte, v any) ([]byte, error) {
	e := encoders.Get().(*encoder)
	e.text = dst
	err := e.json.Encode(v)
	text := e.text
	e.text = nil
	encoders.Put(e)
	if err != nil {
		return nil, err
	}
	return text[:len(text)-1], nil // Encode ends with a newline
}
