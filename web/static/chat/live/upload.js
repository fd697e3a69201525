// Sends a form with files in it. fetch tells nobody how much of a body is out, so this is an
// XMLHttpRequest; the browser adds cookies and the Origin header to it as to any other call.

// upload resolves to an answer as ask in rest.js does, and never rejects: one that was aborted,
// or could not reach the server, has the status 0. progress is called with what part of it is
// out, from 0 to 1.
export function upload(path, form, { signal, progress = () => {} } = {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onloadend = () => resolve(read(request));
    signal?.addEventListener("abort", () => request.abort());
    if (signal?.aborted) resolve({ status: 0, retryAfter: 0 });
    else request.send(form);
  });
}

function read(request) {
  const answer = { status: request.status, retryAfter: Number(request.status && request.getResponseHeader("Retry-After")) || 0 };
  try {
    return { ...JSON.parse(request.responseText), ...answer };
  } catch {
    return answer; // a proxy answers with a page
  }
}
