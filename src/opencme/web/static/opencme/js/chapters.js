/**
 * The list of chapters beside the player: what was played of each, and which one is on.
 *
 * Markup (`components/chapters.html`), inside the `data-content` element:
 *   <ol data-chapter-list>
 *     <li data-chapter data-start-ms="0" data-end-ms="62000">
 *       <a href="#…" data-seek-ms="0">… <small data-chapter-text>not yet</small></a></li>
 */

import { covered, merged } from "./intervals.js";
import { lengthOf, word } from "./words.js";

const SLACK_MS = 1_000; // as in content_page.py: less is nothing to look for

const within = (intervals, start, end) =>
  covered(merged(intervals.map(([from, to]) => [Math.max(from, start), Math.min(to, end)])));

const textOf = (played, length) => {
  if (length - played < SLACK_MS) return word("chapter-done");
  if (played < SLACK_MS) return word("chapter-open");
  return word("played", { played: lengthOf(played), all: lengthOf(length) });
};

const showChapter = (chapter, { played: intervals, hereMs }) => {
  const [start, end] = [Number(chapter.dataset.startMs), Number(chapter.dataset.endMs)];
  const played = within(intervals, start, end);
  const text = textOf(played, end - start);
  const shown = chapter.querySelector("[data-chapter-text]");
  if (shown.textContent !== text) shown.textContent = text;
  chapter.classList.toggle("is-done", end - start - played < SLACK_MS);
  const link = chapter.querySelector("a");
  if (start <= hereMs && hereMs < end) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
};

/** Show what was played of each chapter, as far as this browser knows. */
export const showChapters = (root, state) => {
  for (const chapter of root.querySelectorAll("[data-chapter]")) showChapter(chapter, state);
};
