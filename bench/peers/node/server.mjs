// What people would use instead of ours: Socket.IO and Postgres in Node, on our schema and
// with our events, written to be fast. One prepared statement a message, an ack after the
// commit, one emit to the room.
//
//   node server.mjs            messages go to the database that PGHOST, PGDATABASE ... name
//   node server.mjs no-database   messages go nowhere: what Node's transport alone can do
//
// A client shows in its handshake who it is, {user, name, chats}, and is believed. The
// server prints the address that it listens on and ends when its input does.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { Server } from "socket.io";

const pool = process.argv[2] === "no-database" ? null : new pg.Pool({ max: 20 });

// Membership, place, counters and message in one statement, which is its own transaction.
// The update of the room's row comes first, so that those who send to one room take turns.
const append = `
  WITH place AS (
    UPDATE rooms r
    SET seq = r.seq + 1, said = r.said + 1, last_at = greatest(r.last_at, $6)
    FROM members m
    JOIN users u ON u.id = m.user_id
    WHERE r.id = $1 AND r.kind = $2 AND r.deleted_at IS NULL AND m.room_id = r.id AND m.user_id = $3
    RETURNING r.seq, u.name
  ),
  counted AS (
    UPDATE members
    SET sent = sent + 1
    WHERE room_id = $1 AND user_id = $3 AND EXISTS (SELECT FROM place)
  ),
  kept AS (
    INSERT INTO messages (room_id, seq, id, sender_id, type, content, sent_at)
    SELECT $1, seq, $4, $3, 'text', $5, $6
    FROM place
  )
  SELECT seq, name
  FROM place`;

// newId is a UUIDv7: random ones would scatter over the index of messages.
function newId(at) {
  const time = at.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

const seqs = new Map(); // of rooms, where no database counts

// keep stores a message and returns its place and its sender's name, or nothing if the
// sender is no member.
async function keep(kind, room, sender, id, content, at) {
  if (pool === null) {
    const seq = (seqs.get(room) ?? 0) + 1;
    seqs.set(room, seq);
    return { seq, name: sender.name };
  }
  const values = [room, kind, sender.user, id, content, at];
  const { rows } = await pool.query({ name: "append", text: append, values });
  return rows[0];
}

async function chatsOf(sender) {
  if (pool === null) return sender.chats;
  const text = "SELECT room_id FROM members WHERE user_id = $1";
  const { rows } = await pool.query({ name: "chats", text, values: [sender.user] });
  return rows.map((row) => row.room_id);
}

const http = createServer((request, response) => {
  response.statusCode = 404;
  response.end();
});

const io = new Server(http, { serveClient: false, perMessageDeflate: false });

io.on("connection", async (socket) => {
  const sender = socket.handshake.auth;

  const send = async (kind, event, room, content, ack) => {
    try {
      const at = new Date();
      const id = newId(at);
      const place = await keep(kind, room, sender, id, content, at);
      if (place === undefined) {
        ack({ success: false, code: "not_found", message: "no such chat" });
        return;
      }
      const Seq = Number(place.seq);
      const Timestamp = at.toISOString();
      socket.to(room).emit(event, {
        ChatId: room, Content: content, Sender: place.name, SenderId: sender.user, Id: id, Seq, Timestamp,
      });
      ack({ success: true, Id: id, Seq, Timestamp });
    } catch (error) {
      console.error(error);
      ack({ success: false, code: "internal", message: "something went wrong" });
    }
  };
  socket.on("send-personal-message", (message, ack) => {
    send("personal", "receive-personal-message", message.ChatId, message.Content, ack);
  });
  socket.on("send-group-message", (message, ack) => {
    send("group", "receive-group-message", message.GroupId, message.Content, ack);
  });

  socket.join(await chatsOf(sender));
  socket.emit("user-id", { userId: sender.user, userName: sender.name });
  socket.emit("group-chat-list", { GroupChatList: [] });
  socket.emit("presence", { Users: [] });
});

// A first query, so that whoever connects first does not wait for it.
await pool?.query("SELECT 1");
http.listen(0, "127.0.0.1", () => {
  console.log(`127.0.0.1:${http.address().port}`);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit());
