package groups_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/groups"
)

// stage is a lane and a store in one: a group in which people stand as a test says. What
// the real store does with a rule's answer is tested there.
type stage struct {
	at   groups.Standing
	plan groups.Plan
	last groups.Change
}

func (s *stage) Do(ctx context.Context, _ bus.RoomID, write bus.Write) error {
	_, err := write(ctx, bus.Stamp{})
	return err
}

func (s *stage) CreateGroup(_ context.Context, _ auth.Actor, _ bus.RoomID, p groups.Plan, _ bus.Stamp) (bus.Event, error) {
	s.plan = p
	return nil, nil
}

func (s *stage) ChangeGroup(_ context.Context, c groups.Change, _ bus.Stamp, allow func(groups.Standing) error) (bus.Event, error) {
	s.last = c
	return nil, allow(s.at)
}

func (s *stage) Role(context.Context, bus.RoomID, auth.UserID) (bus.Role, error) {
	return s.at.By, nil
}

func (s *stage) Heir(context.Context, bus.RoomID, auth.UserID) (auth.UserID, error) { return them, nil }

const limit = 4

const (
	me   = auth.UserID("me")
	them = auth.UserID("them")
)

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	const full = limit
	add := func(s *groups.Service, by auth.Actor) error { return s.Add(t.Context(), by, "g", them) }
	kick := func(s *groups.Service, by auth.Actor) error { return s.Kick(t.Context(), by, "g", them) }
	kickMe := func(s *groups.Service, by auth.Actor) error { return s.Kick(t.Context(), by, "g", me) }
	passOn := func(s *groups.Service, by auth.Actor) error { return s.PassOn(t.Context(), by, "g", them) }
	passToMe := func(s *groups.Service, by auth.Actor) error { return s.PassOn(t.Context(), by, "g", me) }
	promote := func(s *groups.Service, by auth.Actor) error { return s.Promote(t.Context(), by, "g", them) }
	demote := func(s *groups.Service, by auth.Actor) error { return s.Demote(t.Context(), by, "g", them) }
	demoteMe := func(s *groups.Service, by auth.Actor) error { return s.Demote(t.Context(), by, "g", me) }
	rename := func(s *groups.Service, by auth.Actor) error { return s.Rename(t.Context(), by, "g", " new ") }
	renameBadly := func(s *groups.Service, by auth.Actor) error { return s.Rename(t.Context(), by, "g", "a\nb") }
	paint := func(s *groups.Service, by auth.Actor) error { return s.SetPicture(t.Context(), by, "g", "x.png") }
	may := func(s *groups.Service, by auth.Actor) error { return s.MayManage(t.Context(), by, "g") }
	retire := func(s *groups.Service, by auth.Actor) error { return s.Retire(t.Context(), by, "g") }
	leave := func(s *groups.Service, by auth.Actor) error { return s.Leave(t.Context(), by, "g") }
	end := func(s *groups.Service, by auth.Actor) error { return s.Delete(t.Context(), by, "g") }

	tests := map[string]struct {
		act    func(*groups.Service, auth.Actor) error
		by     bus.Role
		target bus.Role
		size   int
		want   error
	}{
		"the owner adds":                     {add, bus.Owner, bus.None, 2, nil},
		"an admin adds":                      {add, bus.Admin, bus.None, 2, nil},
		"a member does not add":              {add, bus.Plain, bus.None, 2, groups.ErrNotAllowed},
		"a stranger sees no group to add to": {add, bus.None, bus.None, 2, groups.ErrNotFound},
		"nobody is added twice":              {add, bus.Owner, bus.Plain, 2, groups.ErrAlreadyMember},
		"a full group stays as it is":        {add, bus.Owner, bus.None, full, groups.ErrFull},

		"the owner kicks":                  {kick, bus.Owner, bus.Plain, 2, nil},
		"the owner kicks an admin":         {kick, bus.Owner, bus.Admin, 2, nil},
		"an admin kicks":                   {kick, bus.Admin, bus.Plain, 2, nil},
		"an admin does not kick the owner": {kick, bus.Admin, bus.Owner, 2, groups.ErrNotAllowed},
		"a member does not kick":           {kick, bus.Plain, bus.Plain, 2, groups.ErrNotAllowed},
		"a stranger does not kick":         {kick, bus.None, bus.Plain, 2, groups.ErrNotFound},
		"nobody kicks a stranger":          {kick, bus.Owner, bus.None, 2, groups.ErrNotMember},
		"nobody kicks themself":            {kickMe, bus.Owner, bus.Owner, 2, groups.ErrOneself},

		"the owner passes on":              {passOn, bus.Owner, bus.Plain, 2, nil},
		"an admin does not pass on":        {passOn, bus.Admin, bus.Plain, 2, groups.ErrNotAllowed},
		"a member does not pass on":        {passOn, bus.Plain, bus.Plain, 2, groups.ErrNotAllowed},
		"a stranger does not pass on":      {passOn, bus.None, bus.Plain, 2, groups.ErrNotFound},
		"a group passes to no stranger":    {passOn, bus.Owner, bus.None, 2, groups.ErrNotMember},
		"the owner keeps it by passing on": {passToMe, bus.Owner, bus.Owner, 2, groups.ErrOneself},

		"the owner promotes":               {promote, bus.Owner, bus.Plain, 2, nil},
		"an admin promotes":                {promote, bus.Admin, bus.Plain, 2, nil},
		"a member does not promote":        {promote, bus.Plain, bus.Plain, 2, groups.ErrNotAllowed},
		"a stranger does not promote":      {promote, bus.None, bus.Plain, 2, groups.ErrNotFound},
		"nobody promotes a stranger":       {promote, bus.Owner, bus.None, 2, groups.ErrNotMember},
		"an admin is one already":          {promote, bus.Owner, bus.Admin, 2, groups.ErrSameRole},
		"no admin of the owner is made":    {promote, bus.Admin, bus.Owner, 2, groups.ErrNotAllowed},
		"the owner demotes":                {demote, bus.Owner, bus.Admin, 2, nil},
		"an admin demotes":                 {demote, bus.Admin, bus.Admin, 2, nil},
		"an admin demotes themself":        {demoteMe, bus.Admin, bus.Admin, 2, nil},
		"a member does not demote":         {demote, bus.Plain, bus.Admin, 2, groups.ErrNotAllowed},
		"a stranger does not demote":       {demote, bus.None, bus.Admin, 2, groups.ErrNotFound},
		"nobody demotes a stranger":        {demote, bus.Owner, bus.None, 2, groups.ErrNotMember},
		"a member is one already":          {demote, bus.Admin, bus.Plain, 2, groups.ErrSameRole},
		"an admin does not demote owners":  {demote, bus.Admin, bus.Owner, 2, groups.ErrNotAllowed},
		"nor does the owner":               {demoteMe, bus.Owner, bus.Owner, 2, groups.ErrNotAllowed},
		"the owner renames":                {rename, bus.Owner, bus.Owner, 2, nil},
		"an admin renames":                 {rename, bus.Admin, bus.Admin, 2, nil},
		"a member does not rename":         {rename, bus.Plain, bus.Plain, 2, groups.ErrNotAllowed},
		"a stranger does not rename":       {rename, bus.None, bus.None, 2, groups.ErrNotFound},
		"a name is a name":                 {renameBadly, bus.Owner, bus.Owner, 2, groups.ErrBadName},
		"the owner paints":                 {paint, bus.Owner, bus.Owner, 2, nil},
		"an admin paints":                  {paint, bus.Admin, bus.Admin, 2, nil},
		"a member does not paint":          {paint, bus.Plain, bus.Plain, 2, groups.ErrNotAllowed},
		"a stranger does not paint":        {paint, bus.None, bus.None, 2, groups.ErrNotFound},
		"the owner may":                    {may, bus.Owner, bus.Owner, 2, nil},
		"an admin may":                     {may, bus.Admin, bus.Admin, 2, nil},
		"a member may not":                 {may, bus.Plain, bus.Plain, 2, groups.ErrNotAllowed},
		"a stranger sees no group":         {may, bus.None, bus.None, 2, groups.ErrNotFound},
		"a member retires":                 {retire, bus.Plain, bus.Plain, 2, nil},
		"an admin retires":                 {retire, bus.Admin, bus.Admin, 2, nil},
		"a stranger has nothing to retire": {retire, bus.None, bus.None, 2, groups.ErrNotFound},

		"a member leaves":          {leave, bus.Plain, bus.Plain, 2, nil},
		"an admin leaves":          {leave, bus.Admin, bus.Admin, 2, nil},
		"the owner does not leave": {leave, bus.Owner, bus.Owner, 2, groups.ErrOwnerStays},
		"a stranger can't leave":   {leave, bus.None, bus.None, 2, groups.ErrNotFound},

		"the owner deletes":          {end, bus.Owner, bus.Owner, 2, nil},
		"an admin does not delete":   {end, bus.Admin, bus.Admin, 2, groups.ErrNotAllowed},
		"a member does not delete":   {end, bus.Plain, bus.Plain, 2, groups.ErrNotAllowed},
		"a stranger does not either": {end, bus.None, bus.None, 2, groups.ErrNotFound},
	}
	for name, tt := range tests {
		s := &stage{at: groups.Standing{By: tt.by, Target: tt.target, Exists: true, Members: tt.size}}
		err := tt.act(groups.New(s, s, limit), auth.Actor{User: me})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestAddingNobody(t *testing.T) {
	t.Parallel()
	s := &stage{at: groups.Standing{By: bus.Owner, Members: 2}}
	if err := groups.New(s, s, limit).Add(t.Context(), auth.Actor{User: me}, "g", them); !errors.Is(err, groups.ErrNoUser) {
		t.Error(err)
	}
}

func TestARenamedGroupHasAPlainName(t *testing.T) {
	t.Parallel()
	s := &stage{at: groups.Standing{By: bus.Admin, Members: 2}}
	err := groups.New(s, s, limit).Rename(t.Context(), auth.Actor{User: me}, "g", " new ")
	if err != nil || s.last.Name != "new" || s.last.Type != bus.Info {
		t.Errorf("%v, %+v", err, s.last)
	}
}

// Name and picture change together or alone, and what is not named stays.
func TestLooksOfAGroup(t *testing.T) {
	t.Parallel()
	name, picture, none := " new ", "x.png", ""
	for what, tt := range map[string]struct {
		looks groups.Looks
		want  groups.Change // its name and picture
	}{
		"both":       {groups.Looks{Name: &name, Picture: &picture}, groups.Change{Name: "new", Picture: &picture}},
		"a picture":  {groups.Looks{Picture: &picture}, groups.Change{Picture: &picture}},
		"no picture": {groups.Looks{Picture: &none}, groups.Change{Picture: &none}},
		"a name":     {groups.Looks{Name: &name}, groups.Change{Name: "new"}},
	} {
		s := &stage{at: groups.Standing{By: bus.Admin, Members: 2}}
		err := groups.New(s, s, limit).SetLooks(t.Context(), auth.Actor{User: me}, "g", tt.looks)
		if err != nil || s.last.Type != bus.Info || s.last.Name != tt.want.Name || s.last.Picture != tt.want.Picture {
			t.Errorf("%s: %v, %+v", what, err, s.last)
		}
	}
	s := &stage{at: groups.Standing{By: bus.Admin, Members: 2}}
	if err := groups.New(s, s, limit).SetLooks(t.Context(), auth.Actor{User: me}, "g", groups.Looks{}); err != nil || s.last.Type != "" {
		t.Errorf("nothing: %v, %+v", err, s.last)
	}
}

// A retirement that others keep in the way of ends with its caller's patience.
func TestRetiringEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &stage{at: groups.Standing{By: bus.Owner, Target: bus.None, Members: 2}}
	cancel()
	if err := groups.New(s, s, limit).Retire(ctx, auth.Actor{User: me}, "g"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPlans(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		plan groups.Plan
		want error
	}{
		"a plain one":                  {groups.Plan{Name: " g ", Members: []auth.UserID{"a"}}, nil},
		"without a name":               {groups.Plan{Name: " "}, groups.ErrBadName},
		"a name that is too long":      {groups.Plan{Name: strings.Repeat("é", 65)}, groups.ErrBadName},
		"a name of 64 characters":      {groups.Plan{Name: strings.Repeat("é", 64)}, nil},
		"a name of two lines":          {groups.Plan{Name: "a\nb"}, groups.ErrBadName},
		"a description that just fits": {groups.Plan{Name: "g", Description: strings.Repeat("x", 1024)}, nil},
		"a description that does not":  {groups.Plan{Name: "g", Description: strings.Repeat("x", 1025)}, groups.ErrBadDescription},
		"a description with a NUL":     {groups.Plan{Name: "g", Description: "\x00"}, groups.ErrBadDescription},
		"as many as there may be":      {groups.Plan{Name: "g", Members: []auth.UserID{"a", "b", "c"}}, nil},
		"one more":                     {groups.Plan{Name: "g", Members: []auth.UserID{"a", "b", "c", "d"}}, groups.ErrFull},
		"repeats do not count":         {groups.Plan{Name: "g", Members: []auth.UserID{"a", me, "a", "b", "b"}}, nil},
	}
	for name, tt := range tests {
		s := &stage{}
		if _, err := groups.New(s, s, limit).Create(t.Context(), auth.Actor{User: me}, tt.plan); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	s := &stage{}
	_, _ = groups.New(s, s, limit).Create(t.Context(), auth.Actor{User: me}, groups.Plan{Name: " g ", Picture: "x.png", Members: []auth.UserID{"b", me, "a", "b"}})
	if s.plan.Name != "g" || s.plan.Picture != "x.png" || !slices.Equal(s.plan.Members, []auth.UserID{"b", "a"}) {
		t.Errorf("kept %+v", s.plan)
	}
}
