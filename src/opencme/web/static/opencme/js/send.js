/**
 * Sending to the server: with a token that fits the session, never for another account, patient
 * with a busy server and a missing network.
 *
 * Server: a refused token answers 403. `GET /csrf/` (markup: `<html data-csrf-url="/csrf/">`)
 * answers `{"token": "...", "account": "UUID" or null, "merged": ["UUID", ...]}`; `merged` lists
 * accounts that were merged into this one. 429 and 503 carry Retry-After in seconds.
 *
 * The token is bound to the session (Django turns it at each log-in), so a page that was made for
 * one account cannot write for another one: its token is refused, and the check below sees why.
 */

const PATIENCE_MS = 15_000;

/** Why something was not sent; `kind` says what to do about it. */
export class NotSent extends Error {
  /**
   * @param {"offline"|"busy"|"signed-out"|"other-account"|"refused"} kind
   * @param {{status?: number, retryAfterMs?: number, answer?: object|null}} details
   */
  constructor(kind, { status = 0, retryAfterMs = 0, answer = null } = {}) {
    super(`${kind} ${status}`);
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.answer = answer;
  }

  /** Whether waiting may help. */
  get passes() {
    return this.kind === "offline" || this.kind === "busy";
  }
}

let freshToken = "";

/** The token that this page sends: the newest one known. */
export const token = () =>
  freshToken || document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";

const retryAfter = (response) => {
  const seconds = Number.parseInt(response.headers.get("Retry-After") || "", 10);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
};

const isBusy = ({ status }) => status === 429 || status >= 500;

const busy = (response) =>
  new NotSent("busy", { status: response.status, retryAfterMs: retryAfter(response) });

const once = async (url, { body, type, keepalive, accept }) => {
  const headers = { Accept: accept, "X-CSRFToken": token() };
  if (type) headers["Content-Type"] = type;
  try {
    return await fetch(url, {
      method: "POST",
      body,
      headers,
      keepalive,
      credentials: "same-origin",
      signal: keepalive ? undefined : AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new NotSent("offline");
  }
};

/**
 * Ask who is signed in now: `{token, account, merged}`.
 * @throws {NotSent}
 */
export const whoIsSignedIn = async () => {
  try {
    const response = await fetch(document.documentElement.dataset.csrfUrl || "/csrf/", {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (isBusy(response)) throw busy(response);
    return await response.json();
  } catch (error) {
    if (error instanceof NotSent) throw error;
    throw new NotSent("offline");
  }
};

/** Take the token of the session that is there now, if it is still `owner`'s. */
const renewToken = async (owner) => {
  const answer = await whoIsSignedIn();
  if (!answer.account) throw new NotSent("signed-out", { status: 403 });
  if (owner && answer.account !== owner && !(answer.merged || []).includes(owner)) {
    throw new NotSent("other-account", { status: 403 });
  }
  freshToken = answer.token;
};

const jsonOf = async (response) => {
  try {
    return await response.json();
  } catch {
    return null;
  }
};

const checked = async (response) => {
  if (response.redirected && new URL(response.url).pathname.startsWith("/accounts/")) {
    throw new NotSent("signed-out", { status: 403 });
  }
  if (response.ok) return response;
  if (isBusy(response)) throw busy(response);
  const { status } = response;
  const answer = await jsonOf(response);
  throw new NotSent(status === 401 ? "signed-out" : "refused", { status, answer });
};

const send = async (url, { owner, ...options }) => {
  let response = await once(url, options);
  if (response.status === 403 && !options.keepalive) {
    await renewToken(owner);
    response = await once(url, options);
  }
  return checked(response);
};

/**
 * Post a value as JSON and return the answer's JSON.
 * @throws {NotSent}
 */
export const sendJson = async (url, value, { owner = "", keepalive = false } = {}) => {
  const response = await send(url, {
    body: JSON.stringify(value),
    type: "application/json",
    accept: "application/json",
    keepalive,
    owner,
  });
  return (await jsonOf(response)) || {};
};

/**
 * Post a form as it would post itself and return the address to go to, or null where the server
 * answered with the form again.
 *
 * Server: may answer `{"location": "..."}` to `Accept: application/json`; a redirect does as well.
 * @throws {NotSent}
 */
export const sendForm = async (form, submitter, { owner = "" } = {}) => {
  const body = new URLSearchParams(new FormData(form, submitter));
  body.delete("csrfmiddlewaretoken"); // the header carries the newest one
  const response = await send(form.action, {
    body,
    accept: "application/json, text/html;q=0.9",
    keepalive: false,
    owner,
  });
  if ((response.headers.get("Content-Type") || "").includes("json")) {
    return (await jsonOf(response))?.location ?? null;
  }
  return response.redirected ? response.url : null;
};

/**
 * How long to wait before the next try: never less than the server asks for, longer after each
 * failure, and never as long as the neighbors, so that a thousand browsers do not come back at once.
 */
export const pauseBefore = (attempt, retryAfterMs = 0) => {
  const doubling = Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 6));
  return Math.max(retryAfterMs, doubling) * (1 + Math.random());
};
