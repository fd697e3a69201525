package mailer

import (
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"expresschat/templates"
)

// mailboxCSP lets nothing run and nothing load but our stylesheets and icon. Inline styles are
// there for the mails: their frames inherit this policy.
const mailboxCSP = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

var _ http.Handler = (*Mailbox)(nil)

// ServeHTTP answers GET with the mails, newest first: as a JSON array of Mail where
// Accept asks for JSON, else as a page. ?to= leaves only those to one address. The mails
// hold codes, so all but a client on this machine that calls this machine by its own name
// gets 404.
func (b *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", mailboxCSP)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if !fromHere(r) {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h.Set("Vary", "Accept")
	mails := addressed(b.Mails(), r.URL.Query().Get("to"))
	if strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "application/json") {
		h.Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(mails) // fails only if the client has gone
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	_ = b.set.Page(w, "mailbox", b.page(mails)) // as above
}

// fromHere reports whether r comes from this machine and not by way of a proxy, which
// would make every client look like this machine. The Host must name this machine too:
// a web site may point its own name at 127.0.0.1 (DNS rebinding), and then the browser
// lets the site read the answer.
func fromHere(r *http.Request) bool {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded-") || name == "Forwarded" || name == "X-Real-Ip" || name == "Via" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && namesThisMachine(r.Host)
}

func namesThisMachine(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}

// addressed is which of the mails go to an address; all if it is empty.
func addressed(mails []Mail, to string) []Mail {
	return slices.DeleteFunc(mails, func(m Mail) bool { return to != "" && !strings.EqualFold(m.To, to) })
}

func (b *Mailbox) page(mails []Mail) templates.Mailbox {
	var data templates.Mailbox
	for _, m := range mails {
		data.Mails = append(data.Mails, templates.MailboxMail{
			To:      m.To,
			Subject: m.Subject,
			SentAt:  m.SentAt,
			Text:    b.linked(m.Text),
			HTML:    m.HTML,
		})
	}
	return data
}

// linked cuts text so that http and https URLs in it stand by themselves, without
// the punctuation that ends their sentence.
func (b *Mailbox) linked(text string) []templates.TextPart {
	var parts []templates.TextPart
	at := 0
	for _, span := range b.urls.FindAllStringIndex(text, -1) {
		if span[0] > at {
			parts = append(parts, templates.TextPart{Text: text[at:span[0]]})
		}
		url := text[span[0]:span[1]]
		parts = append(parts, templates.TextPart{Text: url, Href: url})
		at = span[1]
	}
	if at < len(text) {
		parts = append(parts, templates.TextPart{Text: text[at:]})
	}
	return parts
}
