// ask sends a request, with JSON where there is a body, and resolves to the answer: {status,
// success, message, retryAfter} and what the route adds. It never rejects: a server out of
// reach is an answer with status 0. retryAfter is in seconds, 0 where the server names no wait.
export async function ask(method, path, body) {
  const json = body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, { method, ...json });
  } catch {
    return { status: 0, retryAfter: 0 };
  }
  const answer = await response.json().catch(() => ({})); // a proxy answers with a page
  return { ...answer, status: response.status, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
}

export const post = (path, body = {}) => ask("POST", path, body);
