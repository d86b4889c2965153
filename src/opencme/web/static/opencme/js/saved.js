/**
 * The saved state, in words, in one live region of the page; and the notice above the sticky bar
 * when the learner has to know or do something.
 *
 * Markup, in the header of the path:
 *   <span class="saved" role="status" data-saved>
 *     <span data-when="saved"><svg …/></span><span data-when="offline" hidden><svg …/></span>
 *     <span data-saved-text>Saved 10:42</span></span>
 * and once in the main column (`components/queue_notice.html`):
 *   <div class="panel is-needs" data-notice role="status" hidden>
 *     <p><b data-notice-title></b></p><p data-notice-text></p>
 *     <p><a class="button" data-notice-link href="" hidden></a></p>
 *   </div>
 */

const setText = (element, text) => {
  if (element && element.textContent !== text) element.textContent = text;
};

/** Say how the answers stand; `offline` colors the words, which say it by themselves. */
export const showSaved = (text, { offline = false } = {}) => {
  for (const saved of document.querySelectorAll("[data-saved]")) {
    saved.classList.toggle("saved--offline", offline);
    saved.hidden = false;
    for (const icon of saved.querySelectorAll("[data-when]")) {
      icon.hidden = icon.dataset.when !== (offline ? "offline" : "saved");
    }
    setText(saved.querySelector("[data-saved-text]") ?? saved, text);
  }
};

/** Show the notice, with a link where there is something to do. */
export const showNotice = ({ title, text = "", link = "", href = "" }) => {
  const notice = document.querySelector("[data-notice]");
  if (!notice) return;
  setText(notice.querySelector("[data-notice-title]"), title);
  setText(notice.querySelector("[data-notice-text]"), text);
  const anchor = notice.querySelector("[data-notice-link]");
  anchor.hidden = !link;
  setText(anchor, link);
  if (href) anchor.href = href;
  notice.hidden = false;
};

export const hideNotice = () => {
  const notice = document.querySelector("[data-notice]");
  if (notice) notice.hidden = true;
};
