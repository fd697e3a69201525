package groups

import (
	"strings"
	"unicode/utf8"

	"expresschat/auth"
)

// MaxDescription bounds a group's description, in bytes of UTF-8.
const MaxDescription = 1 << 10

// Plan is a group that does not exist yet.
type Plan struct {
	Name        string
	Description string
	Picture     string        // the name of a stored file, empty for none
	Members     []auth.UserID // besides the creator, in their order
}

func (p Plan) clean(creator auth.UserID) (Plan, error) {
	name, err := cleanName(p.Name)
	if err != nil {
		return Plan{}, err
	}
	if len(p.Description) > MaxDescription || !utf8.ValidString(p.Description) || strings.ContainsRune(p.Description, 0) {
		return Plan{}, ErrBadDescription
	}
	seen := map[auth.UserID]bool{creator: true}
	members := make([]auth.UserID, 0, len(p.Members))
	for _, m := range p.Members {
		if !seen[m] {
			seen[m] = true
			members = append(members, m)
		}
	}
	return Plan{Name: name, Description: p.Description, Picture: p.Picture, Members: members}, nil
}

func cleanName(s string) (string, error) {
	name, err := auth.CleanName(s)
	if err != nil {
		return "", ErrBadName
	}
	return name, nil
}
