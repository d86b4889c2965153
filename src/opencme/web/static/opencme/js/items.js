/**
 * The questions of a form: their values, how many are answered, which are still open.
 *
 * Markup, for tests and the evaluation alike:
 *
 *   <form data-answers … or data-draft … method="post" action="…" autocomplete="off">
 *     <div class="panel is-needs" data-gaps role="alert" hidden>      (above the first question)
 *       <p><b data-gaps-title></b></p><ul role="list" data-gaps-list></ul>
 *     </div>
 *     <fieldset class="item" id="item-KEY" data-item="KEY" data-number="4" data-n="0"
 *               [data-optional]>
 *       <legend>…</legend>
 *       <input type="radio|checkbox" name="item-KEY" value="OPTION KEY">…
 *       <p class="hint" data-item-note role="status" hidden></p>      (optional)
 *     </fieldset>
 *     <div class="bar"><button type="submit">…</button>
 *       <span class="bar__note" role="status" data-count></span></div>
 *   </form>
 *
 * `data-item` may stand on any element that holds one question, also around a select or a text.
 * `data-n` is the number of the last saved change of this item. `data-optional` questions are
 * neither counted nor listed as gaps. After a submit that was too early, those still open and the
 * count carry `data-gap`. `data-count-rows` on the form counts "rows", not "answered".
 */

import { word } from "./words.js";

export const itemsOf = (form) => [...form.querySelectorAll("[data-item]")];

export const itemNamed = (form, key) =>
  form.querySelector(`[data-item="${CSS.escape(key)}"]`);

const fieldsOf = (item) => [...item.querySelectorAll("input, select, textarea")];

const isTick = (field) => field.type === "radio" || field.type === "checkbox";

const isChosen = (field) => (isTick(field) ? field.checked : field.value.trim() !== "");

/** The chosen option keys, or the text, as a list. */
export const valueOf = (item) => fieldsOf(item).filter(isChosen).map((field) => field.value);

/** Show a value; what is not in it is not chosen. */
export const setValue = (item, value) => {
  for (const field of fieldsOf(item)) {
    if (isTick(field)) field.checked = value.includes(field.value);
    else field.value = value[0] ?? "";
  }
};

/** The words of the chosen options, as the learner reads them. */
export const wordsOf = (item, value) =>
  fieldsOf(item)
    .filter((field) => isTick(field) && value.includes(field.value))
    .map((field) => field.closest("label")?.textContent.trim() ?? field.value)
    .join("; ");

const counted = (form) => itemsOf(form).filter((item) => !("optional" in item.dataset));

const isOpen = (item) => valueOf(item).length === 0;

/** "4 of 5 answered", beside the button. */
export const showCount = (form) => {
  const shown = form.querySelector("[data-count]");
  if (!shown) return;
  const items = counted(form);
  const answered = items.filter((item) => !isOpen(item)).length;
  const name = "countRows" in form.dataset ? "rows-answered" : "answered";
  shown.textContent = word(name, { answered, all: items.length });
};

const nameOf = (item) => {
  const legend = item.querySelector("legend, label");
  return (legend?.textContent ?? item.dataset.item).replace(/\s+/g, " ").trim();
};

const linkTo = (item) => {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${item.id}`;
  link.textContent = nameOf(item);
  row.append(link);
  return row;
};

const goTo = (item) => {
  item.scrollIntoView({ block: "start" });
  fieldsOf(item)[0]?.focus({ preventScroll: true });
};

/** Mark the open questions themselves: the list of them stands above the first and may be out of sight. */
const markGaps = (form, open) => {
  for (const item of itemsOf(form)) item.toggleAttribute("data-gap", open.includes(item));
  form.querySelector("[data-count]")?.toggleAttribute("data-gap", open.length > 0);
};

const listGaps = (panel, open) => {
  panel.hidden = open.length === 0;
  panel.querySelector("[data-gaps-title]").textContent = word("open", { count: open.length });
  panel.querySelector("[data-gaps-list]").replaceChildren(...open.map(linkTo));
};

/** Shorten the list of open questions as they are answered, without saying it aloud each time. */
export const updateGaps = (form) => {
  const panel = form.querySelector("[data-gaps]");
  if (!panel || panel.hidden) return;
  const open = counted(form).filter(isOpen);
  panel.removeAttribute("role");
  listGaps(panel, open);
  markGaps(form, open);
};

/**
 * List the open questions, go to the first; says whether there is one.
 */
export const showGaps = (form) => {
  const panel = form.querySelector("[data-gaps]");
  const open = counted(form).filter(isOpen);
  panel?.setAttribute("role", "alert");
  if (panel) listGaps(panel, open);
  markGaps(form, open);
  if (open.length) goTo(open[0]);
  return open.length > 0;
};

/** Count as the learner answers; a link in the list of gaps sets the focus where it goes. */
export const wireItems = (form) => {
  form.noValidate = true; // gaps are shown all at once, not one browser bubble after the other
  form.addEventListener("input", () => {
    showCount(form);
    updateGaps(form);
  });
  form.querySelector("[data-gaps-list]")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const item = link && document.getElementById(link.hash.slice(1));
    if (!item) return;
    event.preventDefault();
    goTo(item);
  });
  showCount(form);
};
