// post sends JSON to a route and resolves to its answer, {success, message, ...}. It
// never rejects: a server out of reach is an answer without success.
export async function post(path, body = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...(await response.json()) };
  } catch {
    return { status: response?.status ?? 0, message: "The server can't be reached. Try again in a moment." };
  }
}
