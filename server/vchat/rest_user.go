package vchat

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/chat"
	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/server/problem"
)

// usersShown is how many users a page has.
const usersShown = 20

// signedOut is the fcmToken of a device that signs out.
const signedOut = "Out"

// register stores a picture before there is an account: there must be none whose picture
// turned out to be bad. So the account's id comes first, and owns the picture. What fails
// leaves neither; and if the server stops in between, the picture is nobody's and is collected.
func (d *Door) register(c echo.Context) error {
	id, count := auth.NewUserID(), d.counting(c)
	return d.withFiles(c.Request(), d.pictureOf(id, count), func(f form) error {
		if err := count(f); err != nil {
			return err
		}
		u, token, err := d.accounts.Register(c.Request().Context(), auth.Registration{
			User: id, Name: f.get("name"), ID: f.get("email"), Password: f.get("password"), Picture: f.picture(),
		})
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, answer{Success: true, Data: selfOf(u, token)})
	})
}

// counting counts a registration before its picture is read, as far as it is known by then,
// and the rest of it in the end: where it comes from, and whom it may cost a mail, as a
// sign-up does.
func (d *Door) counting(c echo.Context) func(f form) error {
	var network, mailbox bool
	return func(f form) error {
		if err := d.accounts.Admits(); err != nil {
			return err
		}
		var tries []limits.Try
		if id := f.get("email"); id != "" && !mailbox {
			mailbox = true
			tries = append(tries, limits.Try{Quota: limits.PerMailbox, What: "mail", Whose: auth.EmailKey(id)})
		}
		if !network {
			network = true
			tries = append(tries, limits.From(c.Request()))
		}
		wait, err := d.limits.Spend(c.Request().Context(), tries...)
		return d.refused(c, wait, err)
	}
}

func (d *Door) logIn(c echo.Context) error {
	f, err := readForm(c.Request())
	if err != nil {
		return err
	}
	login := f.get("email")
	if login == "" || f.get("password") == "" {
		return problem.ErrBadInput
	}
	ctx := c.Request().Context()
	try, wait, err := d.limits.SignIn(ctx, d.accounts, c.Request(), login)
	if err := d.refused(c, wait, err); err != nil {
		return err
	}
	u, token, err := d.accounts.SignInLong(ctx, login, f.get("password"))
	if err := try.End(ctx, err); err != nil {
		d.explain("end of a sign-in", err)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, answer{Success: true, Data: selfOf(u, token)})
}

// changeUser ends the session last, so that the answer is the session's own. It ends whether
// the client waits for the answer or not.
func (d *Door) changeUser(q request) (any, error) {
	ctx, u := q.Request().Context(), q.who.User
	in := d.ownPicture(q, func(f form) error { return checkName(f.get("name"), auth.ErrBadName) })
	err := d.withFiles(q.Request(), in, func(f form) (err error) {
		if name := f.get("name"); name != "" {
			if u, err = d.accounts.Rename(ctx, u.ID, name); err != nil {
				return err
			}
		}
		if picture := f.picture(); picture != "" {
			if u, err = d.accounts.SetPicture(ctx, u.ID, picture); err != nil {
				return err
			}
		}
		if f.get("fcmToken") == signedOut {
			q.Response().After(func() { d.signOut(ctx, q.who) })
		}
		return nil
	})
	return selfOf(u, ""), err
}

// signOut ends a session, although its request may be over.
func (d *Door) signOut(ctx context.Context, who auth.Identity) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), server.Patience)
	defer cancel()
	if err := d.accounts.EndSession(ctx, who.User.ID, who.Session); err != nil {
		d.report.Explain("sign out", err)
	}
}

func (d *Door) person(q request) (any, error) {
	id, err := auth.ParseUserID(q.Param("id"))
	if err != nil {
		return nil, chat.ErrNoUser
	}
	if id == q.who.User.ID {
		return selfOf(q.who.User, ""), nil
	}
	p, err := d.views.FindPerson(q.Request().Context(), q.who.User.ID, string(id))
	if err != nil {
		return nil, err
	}
	return personOf(p), nil
}

// people lists everybody else.
func (d *Door) people(q request) (any, error) {
	after, err := lastUser(q)
	if err != nil {
		return nil, err
	}
	people, err := d.views.People(q.Request().Context(), q.who.User.ID, after, usersShown)
	if err != nil {
		return nil, err
	}
	return peopleOf(d.others(q, people)), nil
}

func (d *Door) search(q request) (any, error) {
	after, err := lastUser(q)
	if err != nil {
		return nil, err
	}
	text := q.QueryParam("query")
	if !isText(text) {
		return []user{}, nil
	}
	people, err := d.views.SearchPage(q.Request().Context(), q.who.User.ID, text, after, usersShown)
	if err != nil {
		return nil, err
	}
	return peopleOf(d.others(q, people)), nil
}

// others leaves out who asks: nobody has a chat with themself here.
func (d *Door) others(q request, people []chat.Person) []chat.Person {
	return slices.DeleteFunc(people, func(p chat.Person) bool { return p.ID == q.who.User.ID })
}

// lastUser is where a page begins, empty for the first one.
func lastUser(q request) (auth.UserID, error) {
	text := q.QueryParam("lastId")
	if text == "" || text == "first" {
		return "", nil
	}
	id, err := auth.ParseUserID(text)
	if err != nil {
		return "", chat.ErrNoUser
	}
	return id, nil
}

// find turns what somebody calls another one, an address or an id, into an id.
func (d *Door) find(q request, key string) (auth.UserID, error) {
	key = strings.TrimSpace(key)
	if key == "" {
		return "", problem.ErrBadInput
	}
	if !isText(key) || len(key) > auth.MaxEmail {
		return "", chat.ErrNoUser
	}
	if id, err := auth.ParseUserID(key); err == nil {
		return id, nil // whether there is such a user, what follows will find out
	}
	p, err := d.views.FindPerson(q.Request().Context(), q.who.User.ID, key)
	return p.ID, err
}

// isText tells whether s can be asked for.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
