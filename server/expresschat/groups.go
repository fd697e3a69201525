package expresschat

import (
	"context"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/groups"
)

func (d *Door) createGroup(ctx context.Context, c *conn, in createGroupInput) (any, error) {
	plan := groups.Plan{Name: in.Name, Description: in.Description, Members: make([]auth.UserID, len(in.Participants))}
	for i, p := range in.Participants {
		id, err := user(p)
		if err != nil {
			return nil, err
		}
		plan.Members[i] = id
	}
	made, err := d.groups.Create(ctx, c.actor(), plan)
	if err != nil {
		return nil, err
	}
	return roomAck{ack: ack{true}, ChatID: made.Group, GroupID: made.Group, Name: made.Name}, nil
}

// addMember has a fail event of its own, whatever it was that failed.
func (d *Door) addMember(ctx context.Context, c *conn, in memberInput) (any, error) {
	return nil, d.onMember(ctx, c, in, d.groups.Add)
}

func (d *Door) kickOut(ctx context.Context, c *conn, in memberInput) (any, error) {
	return nil, d.onMember(ctx, c, in, d.groups.Kick)
}

func (d *Door) changeAdmin(ctx context.Context, c *conn, in memberInput) (any, error) {
	return nil, d.onMember(ctx, c, in, d.groups.PassOn)
}

type memberAction func(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error

func (d *Door) onMember(ctx context.Context, c *conn, in memberInput, act memberAction) error {
	group, err := in.chat()
	if err != nil {
		return err
	}
	member, err := user(in.Member)
	if err != nil {
		return err
	}
	return act(ctx, c.actor(), group, member)
}

func (d *Door) leaveGroup(ctx context.Context, c *conn, in roomInput) (any, error) {
	return nil, d.onGroup(ctx, c, in, d.groups.Leave)
}

func (d *Door) deleteGroup(ctx context.Context, c *conn, in roomInput) (any, error) {
	return nil, d.onGroup(ctx, c, in, d.groups.Delete)
}

type groupAction func(ctx context.Context, by auth.Actor, group bus.RoomID) error

func (d *Door) onGroup(ctx context.Context, c *conn, in roomInput, act groupAction) error {
	group, err := in.chat()
	if err != nil {
		return err
	}
	return act(ctx, c.actor(), group)
}
