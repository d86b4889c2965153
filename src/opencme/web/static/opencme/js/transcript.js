/**
 * The recording's text: follows the recording, can be searched, and reading it is evidence of its
 * own kind.
 *
 * Markup, inside the `data-content` element:
 *   <div class="transcript" data-transcript>
 *     <form class="search" role="search" data-transcript-search>…<input type="search">…
 *       <p role="status" data-transcript-found></p></form>
 *     <button type="button" data-follow aria-pressed="false" hidden>Follow along</button>
 *     <p class="cue" data-segment data-start-ms="320000" data-end-ms="344000" id="t320000">
 *       <a href="#t320000" data-seek-ms="320000" aria-label="Play from 5:20">5:20</a><span>…</span></p>
 *   </div>
 *
 * Segments count as read one after the other, each when most of it has been on a visible screen
 * for about as long as a fast reader needs; the server judges the whole once more against its own
 * clock.
 */

const FAST_WORDS_PER_SECOND = 9;
const SEND_MS = 10_000;

const segmentsOf = (transcript) => [...transcript.querySelectorAll("[data-segment]")];

const stretchOf = (segment) => [Number(segment.dataset.startMs), Number(segment.dataset.endMs)];

const dwellOf = (segment) =>
  Math.max(700, (segment.textContent.trim().split(/\s+/).length / FAST_WORDS_PER_SECOND) * 1000);

/** Count what is on the screen as read, one segment after the other, as eyes do. */
class Reader {
  constructor(segments, onRead) {
    this.segments = segments;
    this.onRead = onRead;
    this.shown = new Set();
    this.read = new Set();
    this.current = null;
  }

  see(segment, isShown) {
    if (isShown) this.shown.add(segment);
    else this.shown.delete(segment);
    if (this.current === segment && !isShown) this.stop();
    this.next();
  }

  stop() {
    clearTimeout(this.timer);
    this.current = null;
  }

  next() {
    if (this.current || document.visibilityState !== "visible") return;
    this.current = this.segments.find((one) => this.shown.has(one) && !this.read.has(one)) ?? null;
    if (this.current) this.timer = setTimeout(() => this.finish(), dwellOf(this.current));
  }

  finish() {
    this.read.add(this.current);
    this.onRead(stretchOf(this.current));
    this.current = null;
    this.next();
  }
}

const wireReading = (transcript, evidence) => {
  const segments = segmentsOf(transcript);
  const reader = new Reader(segments, (stretch) => evidence.add("read", [stretch]));
  const observer = new IntersectionObserver(
    (entries) => entries.forEach((e) => reader.see(e.target, e.intersectionRatio >= 0.6)),
    { threshold: [0, 0.6] },
  );
  segments.forEach((segment) => observer.observe(segment));
  const report = (options) => evidence.send("read", options);
  setInterval(report, SEND_MS);
  addEventListener("pagehide", () => report({ keepalive: true }));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return reader.next();
    reader.stop();
    return report({ keepalive: true });
  });
};

const wireFollowing = (root, transcript) => {
  const segments = segmentsOf(transcript);
  const button = transcript.querySelector("[data-follow]");
  const pressed = () => button?.getAttribute("aria-pressed") === "true";
  let now = null;
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => button.setAttribute("aria-pressed", String(!pressed())));
    for (const type of ["wheel", "touchmove"]) {
      addEventListener(type, () => button.setAttribute("aria-pressed", "false"), { passive: true });
    }
  }
  root.addEventListener("opencme:time", ({ detail: { ms } }) => {
    const next = segments.find((segment) => {
      const [start, end] = stretchOf(segment);
      return start <= ms && ms < end;
    });
    if (!next || next === now) return;
    now?.classList.remove("is-now");
    now?.removeAttribute("aria-current");
    next.classList.add("is-now");
    next.setAttribute("aria-current", "true");
    now = next;
    if (pressed()) next.scrollIntoView({ block: "center" });
  });
};

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const wireSearch = (transcript, words) => {
  const form = transcript.querySelector("[data-transcript-search]");
  const field = form?.querySelector("input");
  if (!field) return;
  const found = form.querySelector("[data-transcript-found]");
  const find = () => {
    const wanted = plain(field.value.trim());
    const segments = segmentsOf(transcript);
    const hits = segments.filter((segment) => plain(segment.textContent).includes(wanted));
    segments.forEach((segment) => (segment.hidden = wanted !== "" && !hits.includes(segment)));
    for (const part of transcript.querySelectorAll("section")) {
      const parts = segmentsOf(part);
      part.hidden = parts.length > 0 && parts.every((segment) => segment.hidden);
    }
    if (found) found.textContent = wanted ? words("found", { count: hits.length }) : "";
  };
  form.addEventListener("submit", (event) => (event.preventDefault(), find()));
  field.addEventListener("input", find);
};

/** Make the transcript of a content step work. */
export const wireTranscript = (root, evidence, words) => {
  const transcript = root.querySelector("[data-transcript]");
  if (!transcript) return;
  wireReading(transcript, evidence);
  wireFollowing(root, transcript);
  wireSearch(transcript, words);
};
