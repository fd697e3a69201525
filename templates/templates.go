// Package templates holds the words and the looks of what is not our web client: the
// mails, the pages that a link in a mail opens, and the stylesheet of those pages. It
// knows neither who asks nor how the result travels.
package templates

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	texttemplate "text/template"
)

// ErrNoTemplate is the error of a name that no template has.
var ErrNoTemplate = errors.New("no such template")

//go:embed layout mail page
var files embed.FS

//go:embed page.css
var pageCSS string

// Set holds every template, parsed. It may be used from many goroutines.
type Set struct {
	text *texttemplate.Template
	mail map[string]*template.Template // by name
	page map[string]*template.Template
}

// New parses all templates. An error means that the program was built from broken
// ones.
func New() (*Set, error) {
	text, err := texttemplate.New("").Option("missingkey=error").ParseFS(files, "mail/*.txt")
	if err != nil {
		return nil, fmt.Errorf("parse mail texts: %w", err)
	}
	mail, err := parseLaidOut("mail")
	if err != nil {
		return nil, fmt.Errorf("parse html mails: %w", err)
	}
	page, err := parseLaidOut("page")
	if err != nil {
		return nil, fmt.Errorf("parse pages: %w", err)
	}
	return &Set{text: text, mail: mail, page: page}, nil
}

// parseLaidOut returns the HTML templates of a folder by their names. What they define stands
// in a copy of the layout that is called like the folder.
func parseLaidOut(folder string) (map[string]*template.Template, error) {
	layout, err := template.New(folder+".html").Option("missingkey=error").ParseFS(files, "layout/"+folder+".html")
	if err != nil {
		return nil, err
	}
	found, err := fs.Glob(files, folder+"/*.html")
	if err != nil {
		return nil, err
	}
	all := map[string]*template.Template{}
	for _, file := range found {
		t, err := layout.Clone()
		if err != nil {
			return nil, err
		}
		if _, err = t.ParseFS(files, file); err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return all, nil
}

// Text writes the plain text of the mail called name ("verify_link"). It escapes
// nothing: whoever calls it keeps line breaks out of data. On an error, w got nothing
// unless the error is its own; the error of a wrong name is ErrNoTemplate.
func (s *Set) Text(w io.Writer, name string, data any) error {
	t := s.text.Lookup(name + ".txt")
	if t == nil {
		return fmt.Errorf("mail text %q: %w", name, ErrNoTemplate)
	}
	return render(w, t, data)
}

// HTML writes the HTML of the mail called name, with data escaped. Errors are as those
// of Text.
func (s *Set) HTML(w io.Writer, name string, data any) error {
	t := s.mail[name]
	if t == nil {
		return fmt.Errorf("html mail %q: %w", name, ErrNoTemplate)
	}
	return render(w, t, data)
}

// Page writes the web page called name ("verified"), with data escaped. The page asks
// for PageCSS at /static/page.css, the web client's icon and base.css below /static/, and
// for nothing else, and runs no script. Errors are
// as those of Text.
func (s *Set) Page(w io.Writer, name string, data any) error {
	t := s.page[name]
	if t == nil {
		return fmt.Errorf("page %q: %w", name, ErrNoTemplate)
	}
	return render(w, t, data)
}

// PageCSS is what all pages add to the web client's base.css, to be served at
// /static/page.css.
func PageCSS() string { return pageCSS }

// render goes by way of a buffer, so that nobody is sent half a page.
func render(w io.Writer, t interface{ Execute(io.Writer, any) error }, data any) error {
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("write rendered: %w", err)
	}
	return nil
}
