package expresschat

import (
	"bytes"
	"encoding/json"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// moment is a time as every client sees it: ISO 8601, UTC, milliseconds, Z.
type moment time.Time

func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(m).UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// empty is the payload of events that carry nothing.
type empty struct{}

type userID struct {
	UserID  auth.UserID `json:"userId"`
	Name    string      `json:"userName"`
	Picture string      `json:"Picture"`
	Self    selfItem    `json:"Self"`
}

type accessToken struct {
	AccessToken string `json:"accessToken"`
}

type authFailure struct {
	Reason string `json:"reason"`
}

type personalChatList struct {
	List []personalItem `json:"PersonalChatList"`
}

type personalItem struct {
	Key       bus.RoomID  `json:"_id"`
	Partner   string      `json:"Partner"`
	PartnerID auth.UserID `json:"PartnerId"`
	Picture   string      `json:"Picture"` // the partner's
	listItem
	Online         bool        `json:"Online"`
	Blocked        bool        `json:"Blocked"`
	BlockedBy      auth.UserID `json:"BlockedBy"`
	PartnerReadSeq int64       `json:"PartnerReadSeq"`
}

type groupChatList struct {
	List []groupItem `json:"GroupChatList"`
}

type groupItem struct {
	Key     bus.RoomID `json:"_id"`
	GroupID bus.RoomID `json:"GroupId"`
	Name    string     `json:"Name"`
	Picture string     `json:"Picture"`
	listItem
}

// listItem is what items of both lists have.
type listItem struct {
	ChatID      bus.RoomID   `json:"ChatId"`
	LastChat    moment       `json:"LastChat"`
	LastMessage *lastMessage `json:"LastMessage"`
	Unread      int64        `json:"Unread"`
	Seq         int64        `json:"Seq"`
	ReadSeq     int64        `json:"ReadSeq"`
	Muted       bool         `json:"Muted"`
}

// selfItem is the self chat, which is in no list.
type selfItem struct {
	ChatID      bus.RoomID   `json:"ChatId"`
	LastChat    moment       `json:"LastChat"`
	LastMessage *lastMessage `json:"LastMessage"`
	Seq         int64        `json:"Seq"`
}

// lastMessage is the beginning of what was said last; Sender is a name.
type lastMessage struct {
	ID         bus.MessageID   `json:"Id"`
	Seq        int64           `json:"Seq"`
	Sender     string          `json:"Sender"`
	SenderID   auth.UserID     `json:"SenderId"`
	Content    string          `json:"Content"`
	Timestamp  moment          `json:"Timestamp"`
	Attachment *lastAttachment `json:"Attachment,omitempty"`
}

// presence is some of those who are online. There may be more of it.
type presence struct {
	Users []auth.UserID `json:"Users"`
}

type presenceNews struct {
	User   auth.UserID `json:"User"`
	ChatID bus.RoomID  `json:"ChatId"`
	Online bool        `json:"Online"`
}

type typingNews struct {
	ChatID  bus.RoomID       `json:"ChatId"`
	GroupID bus.RoomID       `json:"GroupId,omitempty"`
	User    auth.UserID      `json:"User"`
	Name    string           `json:"Name"`
	Status  bus.TypingStatus `json:"Status"`
}

type nameNews struct {
	User    auth.UserID `json:"User"`
	Name    string      `json:"Name"`
	Picture string      `json:"Picture"`
}

type userDetails struct {
	Name    string      `json:"Name"`
	Email   string      `json:"Email"`
	ID      auth.UserID `json:"Id"`
	Picture string      `json:"Picture"`
}

type userList struct {
	Users []userItem `json:"Users"`
}

type userItem struct {
	Key   auth.UserID `json:"_id"`
	Name  string      `json:"Name"`
	Email string      `json:"Email"`
}

// message is one of a fetched page. Sender is a name in a group and an id in a personal
// chat; nobody is named in a self chat.
type message struct {
	Key        bus.MessageID `json:"_id"`
	ID         bus.MessageID `json:"Id"`
	Seq        int64         `json:"Seq"`
	Sender     string        `json:"Sender,omitempty"`
	SenderID   auth.UserID   `json:"SenderId"`
	Content    string        `json:"Content"`
	ReadStatus readStatus    `json:"ReadStatus,omitempty"`
	Timestamp  moment        `json:"Timestamp"`
	Attachment *attachment   `json:"Attachment,omitempty"`
}

// readStatus says of each member whether they have read a message.
type readStatus map[auth.UserID]string

// page is what every fetched chat has.
type page struct {
	ChatID   bus.RoomID `json:"ChatId"`
	Messages []message  `json:"Messages"`
	Seq      int64      `json:"Seq"`
	HasMore  bool       `json:"HasMore"`
}

type selfChat struct {
	page
	Name string `json:"Name"`
}

type personalChat struct {
	page
	UserID    auth.UserID `json:"UserId"`
	User      string      `json:"User"`
	Partner   string      `json:"Partner"`
	PartnerID auth.UserID `json:"PartnerId"`
	Picture   string      `json:"Picture"` // the partner's
}

type groupChat struct {
	page
	GroupID      bus.RoomID   `json:"GroupId"`
	Admin        auth.UserID  `json:"Admin"`
	Name         string       `json:"Name"`
	Description  string       `json:"Description"`
	Picture      string       `json:"Picture"`
	Participants participants `json:"Participants"`
	Members      []memberItem `json:"Members"` // in the order in which they joined
}

type memberItem struct {
	ID   auth.UserID `json:"Id"`
	Name string      `json:"Name"`
	Role bus.Role    `json:"Role"`
}

// participants is an object from user id to name, in the order in which they joined.
type participants []chat.Member

func (p participants) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, s := range []string{string(m.User), m.Name} {
			text, err := json.Marshal(s)
			if err != nil {
				return nil, err
			}
			b.Write(text)
			if j == 0 {
				b.WriteByte(':')
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

type chatResult struct {
	Exists    int         `json:"Exists"`
	ChatID    bus.RoomID  `json:"ChatId,omitempty"`
	Partner   string      `json:"Partner"`
	PartnerID auth.UserID `json:"PartnerId"`
}

type personalCreated struct {
	ChatID    bus.RoomID  `json:"ChatId"`
	Partner   string      `json:"Partner"`
	PartnerID auth.UserID `json:"PartnerId"`
	Picture   string      `json:"Picture"` // the partner's
	Timestamp moment      `json:"Timestamp"`
}

type groupCreated struct {
	GroupID   bus.RoomID `json:"GroupId"`
	ChatID    bus.RoomID `json:"ChatId"`
	Name      string     `json:"Name"`
	Picture   string     `json:"Picture"`
	Seq       int64      `json:"Seq"`
	Timestamp moment     `json:"Timestamp"`
}

// received is a message as it goes out live; Sender is a name.
type received struct {
	ChatID     bus.RoomID    `json:"ChatId"`
	GroupID    bus.RoomID    `json:"GroupId,omitempty"`
	ID         bus.MessageID `json:"Id"`
	Seq        int64         `json:"Seq"`
	Sender     string        `json:"Sender"`
	SenderID   auth.UserID   `json:"SenderId"`
	Content    string        `json:"Content"`
	Timestamp  moment        `json:"Timestamp"`
	Attachment *attachment   `json:"Attachment,omitempty"`
}

type ownMessage struct {
	ChatID     bus.RoomID    `json:"ChatId"`
	Kind       bus.Kind      `json:"Kind"`
	ID         bus.MessageID `json:"Id"`
	Seq        int64         `json:"Seq"`
	SenderID   auth.UserID   `json:"SenderId"`
	Content    string        `json:"Content"`
	Timestamp  moment        `json:"Timestamp"`
	ClientID   string        `json:"ClientId"`
	Attachment *attachment   `json:"Attachment,omitempty"`
}

type ownRead struct {
	ChatID bus.RoomID `json:"ChatId"`
	Seq    int64      `json:"Seq"`
}

type readAck struct {
	ChatID  bus.RoomID  `json:"ChatId"`
	GroupID bus.RoomID  `json:"GroupId,omitempty"`
	Reader  auth.UserID `json:"Reader"`
	Seq     int64       `json:"Seq"`
}

// groupNews is what the members of a group are told of a change, each event with the
// keys that it needs.
type groupNews struct {
	GroupID   bus.RoomID  `json:"GroupId"`
	ChatID    bus.RoomID  `json:"ChatId"`
	GroupName string      `json:"GroupName,omitempty"`
	Member    auth.UserID `json:"Member,omitempty"`
	User      auth.UserID `json:"User,omitempty"`
	Name      string      `json:"Name,omitempty"` // of Member or User, else of the group
	Role      bus.Role    `json:"Role,omitempty"`
	By        auth.UserID `json:"By"`
	Message   string      `json:"Message,omitempty"`
	Seq       int64       `json:"Seq"`
}

// groupChange is what the group is called and looks like now.
type groupChange struct {
	groupNews
	Picture string `json:"Picture"`
}

type blockNews struct {
	ChatID  bus.RoomID  `json:"ChatId"`
	By      auth.UserID `json:"By"`
	Blocked bool        `json:"Blocked"`
}

type failure struct {
	Message string `json:"Message"`
}

type chatError struct {
	Event string `json:"event"`
	reason
}

// reason is why something failed, for programs and for people.
type reason struct {
	Code       string `json:"code"`
	Message    string `json:"message"`
	RetryAfter int    `json:"retryAfter,omitempty"` // seconds
}

// Acks, which say success beside what was made.
type (
	ack struct {
		Success bool `json:"success"`
	}
	refusal struct {
		ack
		reason
	}
	sentAck struct {
		ack
		ID        bus.MessageID `json:"Id"`
		Seq       int64         `json:"Seq"`
		Timestamp moment        `json:"Timestamp"`
	}
	readDone struct {
		ack
		Seq    int64 `json:"Seq"`
		Unread int64 `json:"Unread"`
	}
	roomAck struct {
		ack
		ChatID  bus.RoomID `json:"ChatId"`
		GroupID bus.RoomID `json:"GroupId,omitempty"`
		Name    string     `json:"Name,omitempty"`
		Partner string     `json:"Partner,omitempty"`
		Exists  int        `json:"Exists"`
	}
	nameAck struct {
		ack
		Name string `json:"Name"`
	}
	pageAck struct {
		ack
		Seq     int64 `json:"Seq"`
		HasMore bool  `json:"HasMore"`
	}
)
