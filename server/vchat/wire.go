package vchat

import (
	"encoding/json"
	"strconv"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// room is a room as one of its members sees it. Clients drop a whole list for a key that is
// missing or of another type.
type room struct {
	ID           bus.RoomID    `json:"_id"`
	BlockerID    *auth.UserID  `json:"blockerId"`
	GroupSetting *groupSetting `json:"groupSetting"`
	UpdatedAt    int64         `json:"updatedAt"`
	CreatorID    auth.UserID   `json:"creatorId"`
	RoomType     string        `json:"roomType"`
	LastMessage  message       `json:"lastMessage"`
	IsOnline     bit           `json:"isOnline"`
	Title        string        `json:"title"`
	PeerID       *auth.UserID  `json:"peerId"`
	PeerEmail    *string       `json:"peerEmail"`
	ThumbImage   string        `json:"thumbImage"`
	PeerHasRead  bit           `json:"ifPeerReadMyLastMessage"`
	Unread       int64         `json:"unReadCount"`
	Members      int64         `json:"roomMembersCount"`
	IsMute       bit           `json:"isMute"`
}

type groupSetting struct {
	Name           string `json:"name"`
	Members        int64  `json:"roomMembersCount"`
	Role           string `json:"role"`
	IsGroupCreator bool   `json:"isGroupCreator"`
	ImageThumb     string `json:"imageThumb"`
}

// bit is a yes or no that clients want as 1 or 0.
type bit bool

// MarshalJSON implements json.Marshaler.
func (b bit) MarshalJSON() ([]byte, error) {
	if b {
		return []byte("1"), nil
	}
	return []byte("0"), nil
}

type message struct {
	ID               bus.MessageID `json:"_id"`
	Type             bus.Type      `json:"messageType"`
	Attachment       *attachment   `json:"messageAttachment"`
	CreatedAt        int64         `json:"createdAt"`
	Content          string        `json:"content"`
	SenderID         auth.UserID   `json:"senderId"`
	SenderName       string        `json:"senderName"`
	SenderImageThumb string        `json:"senderImageThumb"`
	RoomID           bus.RoomID    `json:"roomId"`
}

type attachment struct {
	ImageURL        *string `json:"imageUrl"`
	PlayURL         *string `json:"playUrl"`
	FileSize        *string `json:"fileSize"`
	FileDuration    *string `json:"fileDuration"`
	Width           *string `json:"width"`
	Height          *string `json:"height"`
	Lat             *string `json:"lat"`
	Lang            *string `json:"lang"`
	LinkTitle       *string `json:"linkTitle"`
	LinkDescription *string `json:"linkDescription"`
	LinkDataURL     *string `json:"linkDataUrl"`
}

type user struct {
	ID          auth.UserID `json:"_id"`
	Name        string      `json:"name"`
	Email       string      `json:"email"`
	ImageThumb  string      `json:"imageThumb"`
	AccessToken string      `json:"accessToken"`
	CreatedAt   int64       `json:"createdAt"`
	UpdatedAt   int64       `json:"updatedAt"`
}

type member struct {
	ID         auth.UserID `json:"_id"`
	ImageThumb string      `json:"imageThumb"`
	Email      string      `json:"email"`
	Name       string      `json:"name"`
	Role       string      `json:"role"`
}

type groupInfo struct {
	Name       string `json:"name"`
	ImageThumb string `json:"imageThumb"`
}

// answer is every answer to a request, and every ack.
type answer struct {
	Success bool `json:"success"`
	Data    any  `json:"data"`
}

type onlineChanged struct {
	Status bit        `json:"status"`
	RoomID bus.RoomID `json:"roomId"`
}

type typingChanged struct {
	Status bus.TypingStatus `json:"status"`
	Name   string           `json:"name"`
	RoomID bus.RoomID       `json:"roomId"`
}

// inText is v as the JSON text that some events carry in place of an object.
func inText(v any) string {
	text, _ := json.Marshal(v) // fails for no type of this file
	return string(text)
}

// defaultPicture is the file that stands for a picture where there is none.
const defaultPicture = "default_user_image.png"

func picture(name string) string {
	if name == "" {
		return defaultPicture
	}
	return name
}

// roleOf knows no owner: clients have isGroupCreator for that.
func roleOf(r bus.Role) string {
	if r == bus.Owner || r == bus.Admin {
		return "admin"
	}
	return "member"
}

func messageOf(room bus.RoomID, m chat.Message) message {
	return message{
		ID: m.ID, Type: m.Type, Attachment: attachmentOf(m.Attachment), CreatedAt: m.At.UnixMilli(),
		Content: contentOf(m.Type, m.Content, m.Attachment), SenderID: m.Sender, SenderName: m.SenderName,
		SenderImageThumb: picture(m.SenderPicture), RoomID: room,
	}
}

func messagesOf(h chat.History) []message {
	list := make([]message, len(h.Messages))
	for i, m := range h.Messages {
		list[i] = messageOf(h.Room, m)
	}
	return list
}

func attachmentOf(a *bus.Attachment) *attachment {
	if a == nil {
		return nil
	}
	return &attachment{
		ImageURL: a.Picture, PlayURL: a.File, FileSize: sizeOf(a), FileDuration: a.Duration,
		Width: a.Width, Height: a.Height, Lat: a.Latitude, Lang: a.Longitude,
		LinkTitle: a.LinkTitle, LinkDescription: a.LinkText, LinkDataURL: a.LinkURL,
	}
}

// sizeOf is what the sender says, else what the server counted.
func sizeOf(a *bus.Attachment) *string {
	if a.Bytes == 0 || (a.Size != nil && *a.Size != "") {
		return a.Size
	}
	n := strconv.FormatInt(a.Bytes, 10)
	return &n
}

// contentOf is the name of the file where a message about one says nothing else.
func contentOf(t bus.Type, content string, a *bus.Attachment) string {
	if content == "" && filesOf(t) > 0 && a != nil && a.Name != nil {
		return *a.Name
	}
	return content
}

// selfOf is a user as they see themself.
func selfOf(u auth.User, token string) user {
	return user{
		ID: u.ID, Name: u.Name, Email: u.Email, ImageThumb: picture(u.Picture), AccessToken: token,
		CreatedAt: u.CreatedAt.UnixMilli(), UpdatedAt: u.UpdatedAt.UnixMilli(),
	}
}

// personOf is a user as somebody else sees them, who looked them up. To those who share no
// chat with them their id is their address.
func personOf(p chat.Person) user {
	return user{
		ID: p.ID, Name: p.Name, Email: emailOf(p), ImageThumb: picture(p.Picture),
		CreatedAt: p.CreatedAt.UnixMilli(), UpdatedAt: p.UpdatedAt.UnixMilli(),
	}
}

func peopleOf(people []chat.Person) []user {
	list := make([]user, len(people))
	for i, p := range people {
		list[i] = personOf(p)
	}
	return list
}

func emailOf(p chat.Person) string {
	if p.Email == "" {
		return string(p.ID)
	}
	return p.Email
}
