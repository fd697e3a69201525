package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/groups"
)

var _ groups.Store = (*Store)(nil)

// CreateGroup implements groups.Store. The insert of the members counts them: one who is
// unknown makes the number wrong, and the transaction ends there.
func (s *Store) CreateGroup(ctx context.Context, by auth.Actor, group bus.RoomID, p groups.Plan, st bus.Stamp) (bus.Event, error) {
	const make = `
		INSERT INTO rooms (id, kind, name, description, creator_id, last_at, created_at)
		VALUES (@group, @kind, @name, @description, @creator, @at, @at)
		ON CONFLICT (id) DO NOTHING`
	const join = `
		INSERT INTO members (room_id, user_id, role, joined_seq, joined_nth)
		SELECT @group, u.id, CASE WHEN p.nth = 1 THEN @owner ELSE @plain END, 1, p.nth - 1
		FROM unnest(@people::uuid[]) WITH ORDINALITY AS p(id, nth)
		JOIN users u ON u.id = p.id`
	people := append([]auth.UserID{by.User}, p.Members...)
	args := pgx.NamedArgs{
		"group": group, "kind": bus.Group, "name": p.Name, "description": p.Description, "creator": by.User, "at": st.At,
		"people": people, "owner": bus.Owner, "plain": bus.Plain,
	}
	e := bus.RoomCreated{Name: p.Name, Description: p.Description}
	err := within(ctx, s.lanes, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, make, args)
		if err != nil {
			return err
		}
		seq := int64(1)
		if tag.RowsAffected() == 1 { // else an earlier attempt made it, all of it
			if tag, err = tx.Exec(ctx, join, args); err != nil {
				return err
			}
			if tag.RowsAffected() != int64(len(people)) {
				return groups.ErrNoUser
			}
			if seq, err = addEntry(ctx, tx, group, by.User, bus.Create, p.Name, st); err != nil {
				return err
			}
		}
		e.Members, err = membersOf(ctx, tx, group)
		e.Place = place(group, bus.Group, seq, st, by, who{})
		return err
	})
	if err != nil {
		return nil, err
	}
	e.ByName, e.ByPicture = e.Members[0].Name, e.Members[0].Picture
	return e, nil
}

func membersOf(ctx context.Context, tx pgx.Tx, room bus.RoomID) ([]bus.Member, error) {
	const members = `
		SELECT m.user_id, u.name, u.picture, m.role
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.room_id = @room
		ORDER BY m.joined_seq, m.joined_nth`
	rows, err := tx.Query(ctx, members, pgx.NamedArgs{"room": room})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m bus.Member, err error) {
		err = row.Scan(&m.User, &m.Name, &m.Picture, &m.Role)
		return m, err
	})
}

// scene is what a change finds: the group, the two people, and where an earlier attempt
// of the same change put its entry.
type scene struct {
	standing   groups.Standing
	group      string
	actor      string
	target     string
	members    []bus.Member // only where the group is deleted
	carriedOut int64
}

// ChangeGroup implements groups.Store.
func (s *Store) ChangeGroup(ctx context.Context, c groups.Change, st bus.Stamp, allow func(groups.Standing) error) (bus.Event, error) {
	var event bus.Event
	err := within(ctx, s.lanes, func(tx pgx.Tx) error {
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
			if seq, err = addEntry(ctx, tx, c.Group, c.By.User, c.Type, sc.target, st); err != nil {
				return err
			}
			if err := carryOut(ctx, tx, c, seq); err != nil {
				return err
			}
		}
		event, err = changed(c, sc, place(c.Group, bus.Group, seq, st, c.By, who{name: sc.actor}))
		return err
	})
	return event, err
}

// survey asks about a group whose row tx has locked. A stranger's standing is empty, and
// so is that of a group which does not exist.
func survey(ctx context.Context, tx pgx.Tx, c groups.Change, st bus.Stamp) (scene, error) {
	const ask = `
		SELECT r.name,
			coalesce((SELECT role FROM members WHERE room_id = r.id AND user_id = @by), ''),
			coalesce((SELECT role FROM members WHERE room_id = r.id AND user_id = @target), ''),
			coalesce((SELECT name FROM users WHERE id = @by), ''),
			(SELECT name FROM users WHERE id = @target),
			(SELECT count(*) FROM members WHERE room_id = r.id)
		FROM rooms r
		WHERE r.id = @group AND r.kind = @kind AND (r.deleted_at IS NULL OR r.deleted_at = @at)`
	var sc scene
	var target *string
	err := tx.QueryRow(ctx, ask, pgx.NamedArgs{
		"group": c.Group, "kind": bus.Group, "by": c.By.User, "target": c.Target, "at": st.At,
	}).Scan(&sc.group, &sc.standing.By, &sc.standing.Target, &sc.actor, &target, &sc.standing.Members)
	if errors.Is(err, pgx.ErrNoRows) {
		return scene{}, nil
	}
	if err != nil {
		return scene{}, fmt.Errorf("survey group: %w", err)
	}
	if target != nil {
		sc.standing.Exists, sc.target = true, *target
	}
	sc.carriedOut, err = placeOf(ctx, tx, st.ID)
	return sc, err
}

// carryOut has the effect of an entry on the members. Someone added has read all that
// was said before.
func carryOut(ctx context.Context, tx pgx.Tx, c groups.Change, seq int64) error {
	const add = `
		INSERT INTO members (room_id, user_id, role, joined_seq, cursor_seq, said_at_cursor)
		SELECT id, @target, @plain, seq, seq, said
		FROM rooms
		WHERE id = @group`
	const remove = `DELETE FROM members WHERE room_id = @group AND user_id = @target`
	const demote = `UPDATE members SET role = @plain WHERE room_id = @group AND user_id = @by`
	const promote = `UPDATE members SET role = @owner WHERE room_id = @group AND user_id = @target`
	const disband = `DELETE FROM members WHERE room_id = @group`
	const end = `UPDATE rooms SET deleted_at = (SELECT sent_at FROM messages WHERE room_id = @group AND seq = @seq) WHERE id = @group`
	effects := map[bus.Type][]string{
		bus.Add:     {add},
		bus.Kick:    {remove},
		bus.Leave:   {remove},
		bus.Upgrade: {demote, promote},
		bus.Delete:  {disband, end},
	}
	args := pgx.NamedArgs{
		"group": c.Group, "by": c.By.User, "target": c.Target, "seq": seq,
		"owner": bus.Owner, "plain": bus.Plain,
	}
	for _, effect := range effects[c.Type] {
		if _, err := tx.Exec(ctx, effect, args); err != nil {
			return fmt.Errorf("%s: %w", c.Type, err)
		}
	}
	return nil
}

func changed(c groups.Change, sc scene, at bus.Place) (bus.Event, error) {
	target := bus.Member{User: c.Target, Name: sc.target, Role: bus.Plain}
	switch c.Type {
	case bus.Add:
		return bus.MemberAdded{Place: at, Name: sc.group, Member: target}, nil
	case bus.Kick, bus.Leave:
		return bus.MemberRemoved{Place: at, Name: sc.group, Member: target}, nil
	case bus.Upgrade:
		target.Role = bus.Owner
		return bus.OwnerChanged{Place: at, Member: target}, nil
	case bus.Delete:
		return bus.RoomDeleted{Place: at, Name: sc.group, Members: sc.members}, nil
	}
	return nil, fmt.Errorf("a group can't change by %q", c.Type)
}
