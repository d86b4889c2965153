/**
 * The draft of the confidential evaluation stays in this browser: the server sees nothing of it
 * before Submit. Bound to account and participation, gone at Submit, at log-out and after a day.
 *
 * Markup: `<form data-draft="PARTICIPATION UUID" data-account="ACCOUNT UUID" …>` with the questions
 * of items.js. A page that shows that the evaluation was submitted carries
 * `data-draft-done="PARTICIPATION UUID"` on any element.
 */

import { account, read, remove, write } from "./kept.js";
import { itemNamed, itemsOf, setValue, valueOf } from "./items.js";
import { showSaved } from "./saved.js";
import { word } from "./words.js";

const PURPOSE = "draft";

const ownerOf = (form) => form.dataset.account || account();

const draftOf = (form) =>
  Object.fromEntries(
    itemsOf(form)
      .map((item) => [item.dataset.item, valueOf(item)])
      .filter(([, value]) => value.length),
  );

/** Forget the draft of a form. */
export const forgetDraft = (form) => remove(PURPOSE, ownerOf(form), form.dataset.draft);

/** Bring a draft back, and keep it from now on. */
export const wireDraft = (form) => {
  const draft = read(PURPOSE, ownerOf(form), form.dataset.draft) ?? {};
  for (const [key, value] of Object.entries(draft)) {
    const item = itemNamed(form, key);
    if (item) setValue(item, value);
  }
  form.addEventListener("input", () => {
    write(PURPOSE, ownerOf(form), form.dataset.draft, draftOf(form));
    showSaved(word("draft-kept"));
  });
};

/** Forget the drafts of what this page shows as submitted. */
export const forgetSubmittedDrafts = () => {
  for (const done of document.querySelectorAll("[data-draft-done]")) {
    remove(PURPOSE, account(), done.dataset.draftDone);
  }
};
