/**
 * What the pages of the path do. Loaded by `path_base.html` as `<script type="module">`.
 *
 * Markup, below the content of a content step:
 *   <section id="post-test" data-unfold="/path/P/POST-TEST/" aria-live="polite">
 *     <h2>Post-test</h2><p data-reason>It opens here after 1:25 more of the recording …</p>
 *   </section>
 * When a beat says that the next step is open, its page is fetched and its element
 * `[data-fragment]` (the form of the test with its heading as h2 and its lead) takes the place of
 * the section's content. The focus stays where it is; the section says that it has opened. Nothing
 * plays or moves by itself.
 * The request carries `X-Fragment: 1`; the server may answer with the fragment alone.
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

const fragmentOf = async (url) => {
  const response = await fetch(url, {
    headers: { "X-Fragment": "1", Accept: "text/html" },
    credentials: "same-origin",
  });
  if (!response.ok) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("[data-fragment]");
};

const unfold = async (section, url) => {
  if (section.dataset.unfolded) return;
  section.dataset.unfolded = "1";
  let fragment = null;
  try {
    fragment = await fragmentOf(url);
  } catch {
    // the network is gone: the next beat tries again
  }
  if (!fragment) {
    delete section.dataset.unfolded;
    return;
  }
  const opened = document.createElement("p");
  opened.className = "visually-hidden";
  opened.setAttribute("role", "status");
  section.replaceChildren(opened, document.adoptNode(fragment));
  opened.textContent = word("opened");
  wireForms(section);
  flush();
};

const wireContent = (root) => {
  const section = document.querySelector("[data-unfold]");
  const evidence = wirePlayer(root, (answer) => {
    showMissing(root, answer);
    const reason = section?.querySelector("[data-reason]");
    if (reason && answer.reason) reason.textContent = answer.reason;
    if (section && answer.next?.open) unfold(section, answer.next.url || section.dataset.unfold);
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
