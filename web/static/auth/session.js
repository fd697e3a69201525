// Whether this browser is signed in. Its cookies are out of reach for a page and no route
// tells, but a socket learns it with its first event.

const PATIENCE = 5000; // milliseconds

// signedIn resolves to whether it is. It never rejects: not to know is not to be.
export async function signedIn() {
  const { io } = await import("../vendor/socket.io.esm.min.js");
  const socket = io({ forceNew: true, reconnection: false, auth: { client: "expresschat-page/1" } });
  const answer = await new Promise((resolve) => {
    socket.on("user-id", () => resolve(true));
    for (const end of ["auth-failure", "connect_error", "disconnect"]) socket.on(end, () => resolve(false));
    setTimeout(() => resolve(false), PATIENCE);
  });
  socket.disconnect();
  return answer;
}
