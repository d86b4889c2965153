/**
 * Submitting a test, the evaluation or a plan: open questions first, then the form is sent as it
 * would send itself, but a missing network makes it wait and say so instead of losing the page.
 * Submitting is idempotent on the server, so it may be tried again.
 *
 * Markup: the form of items.js; `data-result-url` (optional) is where a submitted form leads.
 * Server: a redirect, or `{"location": "..."}`; 409 with `{"message", "location"}` where the
 * attempt had been submitted already.
 */

import { account } from "./kept.js";
import { showGaps } from "./items.js";
import { hideNotice, showNotice, showSaved } from "./saved.js";
import { NotSent, pauseBefore, sendForm } from "./send.js";
import { word } from "./words.js";

const go = (address) => {
  const url = new URL(address, location.href);
  const here = url.pathname === location.pathname && url.search === location.search;
  if (here) location.reload();
  else location.assign(url);
};

const pause = (ms) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
  });

const sayWaiting = (error) => {
  const name = error.kind === "offline" ? "submit-offline" : "submit-busy";
  showSaved(word(`${name}-short`), { offline: true });
  showNotice({ title: word(`${name}-title`), text: word(`${name}-text`) });
};

const saySignIn = (form, error) => {
  const name = error.kind === "other-account" ? "other-account" : "signed-out";
  showNotice({
    title: word(`${name}-title`),
    text: word("submit-signed-out-text"),
    link: name === "signed-out" ? word("sign-in") : "",
    href: form.dataset.signInUrl || "/accounts/login/",
  });
};

/** Send until the server has answered; null where the server wants the learner to look again. */
const sendPatiently = async (form, submitter, owner) => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendForm(form, submitter, { owner });
    } catch (error) {
      if (!(error instanceof NotSent) || !error.passes) throw error;
      sayWaiting(error);
      await pause(pauseBefore(attempt, error.retryAfterMs));
    }
  }
};

const submitNatively = (form, submitter) => {
  if (submitter?.name) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: submitter.name, value: submitter.value });
    form.append(field);
  }
  HTMLFormElement.prototype.submit.call(form);
};

const submit = async (form, submitter, { before, onSent, onRefused }) => {
  form.dataset.sending = "1";
  try {
    await before();
    const address = await sendPatiently(form, submitter, form.dataset.account || account());
    hideNotice();
    if (address === null) return submitNatively(form, submitter); // shows what the server says
    onSent();
    go(address);
  } catch (error) {
    delete form.dataset.sending;
    onRefused();
    if (!(error instanceof NotSent)) throw error;
    if (error.answer?.location) {
      onSent();
      go(error.answer.location);
    } else if (error.status === 403 || error.kind === "signed-out") saySignIn(form, error);
    else submitNatively(form, submitter);
  }
  return undefined;
};

const nothing = () => {};

/**
 * Send this form by script. `before` makes ready, `onSent` forgets what the browser kept for it,
 * `onRefused` goes on as if it had not been submitted.
 */
export const wireSubmit = (form, { before = nothing, onSent = nothing, onRefused = nothing }) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.sending || showGaps(form)) return;
    submit(form, event.submitter, { before, onSent, onRefused });
  });
};
