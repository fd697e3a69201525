// post sends JSON to a route and resolves to its answer, {status, success, message,
// retryAfter}. It never rejects: a server out of reach is an answer with status 0.
// retryAfter is in seconds, 0 where the server names no wait.
export async function post(path, body = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { status: 0, retryAfter: 0 };
  }
  const answer = await response.json().catch(() => ({})); // a proxy answers with a page
  return { ...answer, status: response.status, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
}
