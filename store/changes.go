package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"expresschat/bus"
	"expresschat/groups"
)

// scene is what a change finds: the group, the two people, and where an earlier attempt
// of the same change put its entry.
type scene struct {
	standing    groups.Standing
	group       string
	description string
	picture     string
	actor       who
	target      who
	members     []bus.Member // only where the group is deleted
	carriedOut  int64
}

// ChangeGroup implements groups.Store.
func (s *Store) ChangeGroup(ctx context.Context, c groups.Change, st bus.Stamp, allow func(groups.Standing) error) (bus.Event, error) {
	var event bus.Event
	err := s.inLane(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockRoom, pgx.NamedArgs{"room": c.Group}); err != nil {
			return err
		}
		sc, err := survey(ctx, tx, c, st)
		if err != nil {
			return err
		}
		seq := sc.carriedOut
		if seq == 0 {
			if err := allow(sc.standing); err != nil {
				return err
			}
			if c.Type == bus.Delete {
				if sc.members, err = membersOf(ctx, tx, c.Group); err != nil {
					return err
				}
			}
			if seq, err = addEntry(ctx, tx, c.Group, c.By.User, c.Type, content(c, sc), st); err != nil {
				return err
			}
			if err := carryOut(ctx, tx, c, seq); err != nil {
				return err
			}
		}
		event, err = changed(c, sc, place(c.Group, bus.Group, seq, st, c.By, sc.actor))
		return err
	})
	return event, err
}

// survey asks about a group whose row tx has locked. A stranger's standing is empty, and
// so is that of a group which does not exist.
func survey(ctx context.Context, tx pgx.Tx, c groups.Change, st bus.Stamp) (scene, error) {
	const ask = `
		SELECT r.name, r.description, r.picture,
			coalesce((SELECT role FROM members WHERE room_id = r.id AND user_id = @by), ''),
			coalesce((SELECT role FROM members WHERE room_id = r.id AND user_id = @target), ''),
			coalesce(actor.name, ''), coalesce(actor.picture, ''),
			target.name, coalesce(target.picture, ''),
			(SELECT count(*) FROM members WHERE room_id = r.id)
		FROM rooms r
		LEFT JOIN users actor ON actor.id = @by
		LEFT JOIN users target ON target.id = @target
		WHERE r.id = @group AND r.kind = @kind AND (r.deleted_at IS NULL OR r.deleted_at = @at)`
	var sc scene
	var target *string
	err := tx.QueryRow(ctx, ask, pgx.NamedArgs{
		"group": c.Group, "kind": bus.Group, "by": c.By.User, "target": c.Target, "at": st.At,
	}).Scan(&sc.group, &sc.description, &sc.picture, &sc.standing.By, &sc.standing.Target,
		&sc.actor.name, &sc.actor.picture, &target, &sc.target.picture, &sc.standing.Members)
	if errors.Is(err, pgx.ErrNoRows) {
		return scene{}, nil
	}
	if err != nil {
		return scene{}, fmt.Errorf("survey group: %w", err)
	}
	if target != nil {
		sc.standing.Exists, sc.target.name = true, *target
	}
	if c.Type == bus.Add {
		if sc.standing.Exists, err = arePresent(ctx, tx, c.Target); err != nil {
			return scene{}, err
		}
	}
	sc.carriedOut, err = placeOf(ctx, tx, st.ID)
	return sc, err
}

// content is what the entry of a change says: whom it concerns, or what the group is called
// now.
func content(c groups.Change, sc scene) string {
	if c.Type == bus.Info {
		return nameAfter(c, sc)
	}
	return sc.target.name
}

// nameAfter and pictureAfter are what the group has once c is carried out.
func nameAfter(c groups.Change, sc scene) string { return cmp.Or(c.Name, sc.group) }

func pictureAfter(c groups.Change, sc scene) string {
	if c.Picture == nil {
		return sc.picture
	}
	return *c.Picture
}

// carryOut has the effect of an entry on the group. Someone added has read all that was
// said before.
func carryOut(ctx context.Context, tx pgx.Tx, c groups.Change, seq int64) error {
	const add = `
		INSERT INTO members (room_id, user_id, role, joined_seq, cursor_seq, said_at_cursor)
		SELECT id, @target, @plain, seq, seq, said
		FROM rooms
		WHERE id = @group`
	const remove = `DELETE FROM members WHERE room_id = @group AND user_id = @target`
	const retire = `UPDATE members SET role = @plain WHERE room_id = @group AND user_id = @by AND @role = @owner`
	const give = `UPDATE members SET role = @role WHERE room_id = @group AND user_id = @target`
	const look = `UPDATE rooms SET name = coalesce(nullif(@name, ''), name), picture = coalesce(@picture, picture) WHERE id = @group`
	const disband = `DELETE FROM members WHERE room_id = @group`
	const end = `UPDATE rooms SET deleted_at = (SELECT sent_at FROM messages WHERE room_id = @group AND seq = @seq) WHERE id = @group`
	effects := map[bus.Type][]string{
		bus.Add:       {add},
		bus.Kick:      {remove},
		bus.Leave:     {remove},
		bus.Upgrade:   {retire, give},
		bus.Downgrade: {give},
		bus.Info:      {look},
		bus.Delete:    {disband, end},
	}
	args := pgx.NamedArgs{
		"group": c.Group, "by": c.By.User, "target": c.Target, "seq": seq,
		"role": c.Role, "name": c.Name, "picture": c.Picture, "owner": bus.Owner, "plain": bus.Plain,
	}
	for _, effect := range effects[c.Type] {
		if _, err := tx.Exec(ctx, effect, args); err != nil {
			return fmt.Errorf("%s: %w", c.Type, err)
		}
	}
	return nil
}

func changed(c groups.Change, sc scene, at bus.Place) (bus.Event, error) {
	target := bus.Member{User: c.Target, Name: sc.target.name, Picture: sc.target.picture, Role: bus.Plain}
	switch c.Type {
	case bus.Add:
		return bus.MemberAdded{Place: at, Name: sc.group, Picture: sc.picture, Member: target}, nil
	case bus.Kick, bus.Leave:
		return bus.MemberRemoved{Place: at, Name: sc.group, Member: target}, nil
	case bus.Upgrade, bus.Downgrade:
		target.Role = c.Role
		if c.Role == bus.Owner {
			return bus.OwnerChanged{Place: at, Member: target}, nil
		}
		return bus.RoleChanged{Place: at, Member: target}, nil
	case bus.Info:
		return bus.GroupChanged{Place: at, Name: nameAfter(c, sc), Description: sc.description, Picture: pictureAfter(c, sc)}, nil
	case bus.Delete:
		return bus.RoomDeleted{Place: at, Name: sc.group, Members: sc.members}, nil
	}
	return nil, fmt.Errorf("a group can't change by %q", c.Type)
}
