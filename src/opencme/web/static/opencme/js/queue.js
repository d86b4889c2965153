/**
 * Answers are never lost: each is kept in this browser as it is given, sent at once, and kept
 * until the server has confirmed it.
 *
 * Markup (see items.js for the questions):
 *   <form data-answers data-account="ACCOUNT UUID" data-attempt="ATTEMPT UUID"
 *         data-save-url="/path/P/STEP/save/" data-sign-in-url="/accounts/login/?next=…" …>
 *
 * Server, for each change:
 *   POST save-url {"attempt": UUID, "item": KEY, "value": [OPTION KEYS], "n": 3, "age_ms": 120}
 *   200 {"item", "value", "n", "saved_at": ISO instant}: what is kept now. Another value than the
 *       one sent means that a later choice, on another device, stands; the page shows both.
 *   409 {"message", "location"}: submitted already; the page says so and links to the result.
 *   403 or a redirect to the log-in: kept, and the learner is asked to sign in again.
 *
 * `n` counts the changes of an item, `age_ms` says how long ago the choice was made; no client
 * clock is sent. Kept answers belong to an account and an attempt, are sent on any path page of
 * that account, and never while another account is signed in. An account that was merged into
 * another one hands its answers over to it.
 */

import { account, names, onSignedOut, otherOwners, read, remove, write } from "./kept.js";
import { itemNamed, setValue, valueOf, wordsOf } from "./items.js";
import { hideNotice, showNotice, showSaved } from "./saved.js";
import { NotSent, pauseBefore, sendJson, whoIsSignedIn } from "./send.js";
import { timeOf, word } from "./words.js";

const PURPOSE = "answers";

const state = {
  sending: null, // the sender at work, a promise
  again: false,
  failures: 0,
  why: "offline", // what the last failure was
  timer: 0,
  resting: false, // the server has asked for a pause: nothing is sent before its end
  wasOffline: false,
  ended: false,
  held: "", // the attempt that is being submitted: its answers go with the form
};

const formOf = (attempt) =>
  document.querySelector(`form[data-answers][data-attempt="${CSS.escape(attempt)}"]`);

const owner = () => account() || document.querySelector("form[data-answers]")?.dataset.account || "";

const keptFor = (attempt) => read(PURPOSE, owner(), attempt);

const keep = (attempt, kept) => {
  if (Object.keys(kept.answers).length) write(PURPOSE, owner(), attempt, kept);
  else remove(PURPOSE, owner(), attempt);
};

/** How many answers wait in this browser for this account. */
export const waiting = () =>
  names(PURPOSE, owner())
    .map((attempt) => Object.keys(keptFor(attempt)?.answers ?? {}).length)
    .reduce((sum, count) => sum + count, 0);

/** Forget what is kept of an attempt: it has been submitted. */
export const forget = (attempt) => remove(PURPOSE, owner(), attempt);

const signInUrl = () =>
  document.querySelector("[data-sign-in-url]")?.dataset.signInUrl ?? "/accounts/login/";

const notices = {
  offline: () => ({ title: word("offline-title"), text: word("offline-text", { count: waiting() }) }),
  busy: () => ({ title: word("busy-title"), text: word("busy-text", { count: waiting() }) }),
  "signed-out": () => ({
    title: word("signed-out-title"),
    text: word("signed-out-text", { count: waiting() }),
    link: word("sign-in"),
    href: signInUrl(),
  }),
  "other-account": () => ({
    title: word("other-account-title"),
    text: word("other-account-text", { count: waiting() }),
  }),
};

/** Say why answers still wait here. */
export const showWaiting = (kind) => {
  const name = kind === "offline" ? "offline" : "waiting";
  showSaved(word(name, { count: waiting() }), { offline: true });
  showNotice(notices[kind]());
};

const later = (kind, retryAfterMs = 0) => {
  clearTimeout(state.timer);
  state.failures += 1;
  state.why = kind;
  state.wasOffline = true;
  state.resting = kind === "busy";
  showWaiting(kind);
  state.timer = setTimeout(tryAgain, pauseBefore(state.failures, retryAfterMs));
};

const tryAgain = () => {
  state.resting = false;
  flush();
};

const settled = (attempt, key, sent) => {
  const kept = keptFor(attempt);
  if (!kept) return;
  if (kept.answers[key]?.n === sent.n) delete kept.answers[key];
  keep(attempt, kept);
};

const same = (one, other) => one.length === other.length && one.every((key) => other.includes(key));

const showBoth = (item, mine, theirs) => {
  const note = item.querySelector("[data-item-note]");
  const text = word("changed-elsewhere", { here: wordsOf(item, mine) || word("nothing") });
  setValue(item, theirs);
  item.dispatchEvent(new Event("input", { bubbles: true }));
  if (!note) return;
  note.textContent = text;
  note.hidden = false;
};

const confirm = (attempt, key, sent, answer) => {
  settled(attempt, key, sent);
  const form = formOf(attempt);
  const item = form && itemNamed(form, key);
  if (!item) return;
  item.dataset.n = Math.max(Number(item.dataset.n || 0), answer.n ?? sent.n);
  const changedSince = keptFor(attempt)?.answers[key];
  if (!changedSince && Array.isArray(answer.value) && !same(answer.value, sent.value)) {
    showBoth(item, sent.value, answer.value);
  }
};

const submittedAlready = (attempt, error) => {
  forget(attempt);
  const form = formOf(attempt);
  if (!form || form.dataset.sending) return;
  showNotice({
    title: error.answer?.message || word("submitted-title"),
    text: word("submitted-text"),
    link: word("see-result"),
    href: error.answer?.location || form.dataset.resultUrl || form.action,
  });
};

const dropped = (attempt, key, sent, error) => {
  settled(attempt, key, sent);
  showNotice({ title: error.answer?.message || word("refused-title"), text: word("refused-text") });
};

/** Send one kept answer; a refusal for good is settled here, all else is thrown. */
const sendOne = async (attempt, kept, key) => {
  const sent = kept.answers[key];
  const age = Math.max(0, Date.now() - sent.at);
  const value = { attempt, item: key, value: sent.value, n: sent.n, age_ms: age };
  try {
    const answer = await sendJson(kept.saveUrl, value, { owner: owner() });
    confirm(attempt, key, sent, answer);
    return answer.saved_at;
  } catch (error) {
    if (!(error instanceof NotSent) || error.kind !== "refused" || error.status === 403) throw error;
    if (error.status === 409) submittedAlready(attempt, error);
    else dropped(attempt, key, sent, error);
    return "";
  }
};

const next = () => {
  for (const attempt of names(PURPOSE, owner())) {
    if (attempt === state.held) continue;
    const kept = keptFor(attempt);
    const key = Object.keys(kept?.answers ?? {})[0];
    if (key) return [attempt, kept, key];
    forget(attempt);
  }
  return null;
};

const sendAll = async () => {
  let savedAt = "";
  let refused = false;
  for (let one = next(); one; one = next()) {
    const at = await sendOne(...one); // one after the other: their order is their meaning
    savedAt = at || savedAt;
    refused = refused || !at;
  }
  return { savedAt, refused };
};

const done = ({ savedAt, refused }) => {
  state.failures = 0;
  if (savedAt) {
    const name = state.wasOffline ? "sent" : "saved";
    showSaved(word(name, { time: timeOf(savedAt) }));
  }
  if (!refused) hideNotice();
  state.wasOffline = false;
};

const stopped = (error) => {
  if (!(error instanceof NotSent)) throw error;
  if (error.passes) later(error.kind, error.retryAfterMs);
  else {
    state.wasOffline = true;
    showWaiting(error.kind in notices ? error.kind : "signed-out");
  }
};

const sendWhatWaits = async () => {
  try {
    done(await sendAll());
  } catch (error) {
    state.again = false;
    stopped(error);
  }
};

/** Send what waits, one sender at a time. */
export const flush = async () => {
  if (state.ended || state.resting || !owner()) return;
  clearTimeout(state.timer);
  if (state.sending) {
    state.again = true;
    return;
  }
  if (!next()) return;
  state.sending = sendWhatWaits();
  await state.sending;
  state.sending = null;
  if (state.again) {
    state.again = false;
    await flush();
  }
};

/** Send nothing more of an attempt: it is being submitted, with all its answers. */
export const hold = async (attempt) => {
  state.held = attempt;
  await state.sending;
};

/** It was not submitted after all. */
export const release = () => {
  state.held = "";
  flush();
};

const answered = (form, item) => {
  if (state.ended) return;
  const { attempt, saveUrl } = form.dataset;
  const key = item.dataset.item;
  const kept = keptFor(attempt) ?? { saveUrl, answers: {} };
  const n = Math.max(Number(item.dataset.n || 0), kept.answers[key]?.n ?? 0) + 1;
  kept.answers[key] = { value: valueOf(item), n, at: Date.now() };
  item.dataset.n = n;
  const note = item.querySelector("[data-item-note]");
  if (note) note.hidden = true;
  keep(attempt, kept);
  if (state.failures && !state.sending && !state.held) showWaiting(state.why);
  flush();
  adoptMerged().then(flush, () => {}); // offline: the next page asks again
};

const restore = (form) => {
  for (const [key, answer] of Object.entries(keptFor(form.dataset.attempt)?.answers ?? {})) {
    const item = itemNamed(form, key);
    if (!item) continue;
    setValue(item, answer.value);
    item.dataset.n = Math.max(Number(item.dataset.n || 0), answer.n);
    state.wasOffline = true;
  }
};

/** Keep and send the answers of a form. */
export const wireAnswers = (form) => {
  restore(form);
  form.addEventListener("change", (event) => {
    const item = event.target.closest("[data-item]");
    if (item) answered(form, item);
  });
};

/** Take over what was kept for an account that has been merged into this one since. */
const adoptMerged = async () => {
  const others = otherOwners(PURPOSE, owner());
  if (!owner() || !others.length) return;
  const { account: now, merged = [] } = await whoIsSignedIn();
  if (now !== owner()) return;
  for (const other of others.filter((one) => merged.includes(one))) {
    for (const attempt of names(PURPOSE, other)) {
      if (!keptFor(attempt)) write(PURPOSE, owner(), attempt, read(PURPOSE, other, attempt));
      remove(PURPOSE, other, attempt);
    }
  }
};

/** Once per page: send when the network is back, when the page is seen again, and now. */
export const startQueue = () => {
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") flush();
  });
  onSignedOut(() => {
    state.ended = true;
    showSaved(word("signed-out-title"), { offline: true });
    showNotice({ ...notices["signed-out"](), text: word("not-kept-text") });
  });
  flush();
  adoptMerged().then(flush, () => {}); // offline: the next page asks again
};
