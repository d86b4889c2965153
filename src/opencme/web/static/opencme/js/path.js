/**
 * What the pages of the path do. Loaded by `path_base.html` as `<script type="module">`.
 *
 * Markup, below the content of a content step:
 *   <p class="visually-hidden" role="status" data-opened></p>
 *   <section id="post-test" data-unfold>
 *     <h2>Post-test</h2><p data-reason>It opens here after 1:25 more of the recording …</p>
 *   </section>
 * When a beat says that the next step is open, the page is fetched once more, and what stands in
 * this section there takes its place here, as does the list of steps (`id="steps"`). The focus stays
 * where it is; a live region says that the test has opened. Nothing plays or moves by itself.
 */

import { wireItems } from "./items.js";
import { flush, forget, hold, release, startQueue, wireAnswers } from "./queue.js";
import { forgetDraft, forgetSubmittedDrafts, wireDraft } from "./drafts.js";
import { wireSubmit } from "./submit.js";
import { wirePlayer } from "./player.js";
import { showMissing } from "./coverage.js";
import { wireTranscript } from "./transcript.js";
import { word } from "./words.js";

const wireForms = (root) => {
  for (const form of root.querySelectorAll("form[data-answers]")) {
    wireAnswers(form);
    wireItems(form);
    const { attempt } = form.dataset;
    wireSubmit(form, {
      before: () => hold(attempt),
      onSent: () => forget(attempt),
      onRefused: release,
    });
  }
  for (const form of root.querySelectorAll("form[data-draft]")) {
    wireDraft(form);
    wireItems(form);
    wireSubmit(form, { onSent: () => forgetDraft(form) });
  }
};

const pageAsItIsNow = async () => {
  const response = await fetch(location.pathname, {
    headers: { Accept: "text/html" },
    credentials: "same-origin",
  });
  if (!response.ok) throw new Error(`the page answered ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
};

const takeOver = (here, there) => {
  if (here && there) here.replaceChildren(...[...there.childNodes].map((node) => document.adoptNode(node)));
};

const unfold = async (section) => {
  if (section.dataset.unfolded) return;
  section.dataset.unfolded = "1";
  try {
    const page = await pageAsItIsNow();
    const there = page.getElementById(section.id);
    if (!there || there.hasAttribute("data-unfold")) throw new Error("it is not open yet");
    takeOver(section, there);
    takeOver(document.getElementById("steps"), page.getElementById("steps"));
  } catch {
    delete section.dataset.unfolded; // the next beat tries again
    return;
  }
  const opened = document.querySelector("[data-opened]");
  if (opened) opened.textContent = word("opened");
  wireForms(section);
  flush();
};

const wireContent = (root) => {
  const section = document.querySelector("[data-unfold]");
  const evidence = wirePlayer(root, (answer) => {
    showMissing(root, answer);
    const reason = section?.querySelector("[data-reason]");
    if (reason && answer.reason) reason.textContent = answer.reason;
    if (section && answer.next?.open) unfold(section);
  });
  wireTranscript(root, evidence, word);
};

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // Back shows what is true now, not what was then
});
forgetSubmittedDrafts();
wireForms(document);
startQueue();
document.querySelectorAll("[data-content]").forEach(wireContent);
