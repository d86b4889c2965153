/**
 * What every page does. Loaded by the base template as `<script type="module">`.
 *
 * Markup:
 *   <form data-sign-out …>        log-out: wipes all that the browser kept; with answers not yet
 *                                 sent the first press says so and the second one goes on
 *   <p data-sign-out-note role="alert" hidden></p>   inside that form, for this sentence
 *   <form data-once …>            sent once, however often it is pressed within five seconds
 *   <button type="button" data-copy="TEXT" hidden>Copy the link</button>   shown and made to work;
 *                                 says `copied` in its own words for a moment
 *   <output data-preview-of="name letters" data-preview-join=", ">   inside the form: shows its
 *                                 fields with these names, as typed, joined where not empty; the chosen one of radios
 */

import { account, forgetAll, forgetOld, names, read } from "./kept.js";
import { word } from "./words.js";

const unsent = () =>
  names("answers", account()).reduce(
    (sum, attempt) => sum + Object.keys(read("answers", account(), attempt)?.answers ?? {}).length,
    0,
  );

const signOut = (event) => {
  const form = event.target.closest?.("form[data-sign-out]");
  if (!form) return;
  const count = unsent();
  const note = form.querySelector("[data-sign-out-note]");
  if (count && note?.hidden) {
    event.preventDefault();
    note.textContent = word("sign-out-unsent", { count });
    note.hidden = false;
    return;
  }
  forgetAll();
};

const ONCE_MS = 5000;

const once = (event) => {
  const form = event.target.closest?.("form[data-once]");
  if (!form || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, ONCE_MS);
};

const copy = async (button) => {
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = word("copied");
  } catch {
    button.textContent = word("not-copied");
  }
  setTimeout(() => {
    button.textContent = words;
  }, 4000);
};

const fieldValue = (form, name) => {
  const field = form.elements.namedItem(name);
  return (field?.value ?? "").trim().replace(/\s+/g, " ");
};

const preview = (form) => {
  for (const output of form.querySelectorAll("[data-preview-of]")) {
    const parts = output.dataset.previewOf.split(" ").map((name) => fieldValue(form, name));
    const text = parts.filter(Boolean).join(output.dataset.previewJoin ?? " ");
    if (text && text !== output.textContent) output.textContent = text;
  }
};

const STATUS_OF_MISTAKES = 422;

/** Back and reload lead to the page anew, never to the browser's question whether to send the form again. */
const forgetWhatWasRefused = () => {
  const [arrival] = performance.getEntriesByType("navigation");
  if (arrival?.responseStatus === STATUS_OF_MISTAKES) history.replaceState(history.state, "", location.href);
};

const start = () => {
  forgetOld();
  forgetWhatWasRefused();
  document.addEventListener("submit", signOut);
  document.addEventListener("submit", once);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => copy(button));
  }
  if (document.querySelector("[data-preview-of]")) {
    document.addEventListener("input", (event) => event.target.form && preview(event.target.form));
  }
};

start();
