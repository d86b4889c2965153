/**
 * The bar of chapters filled by what was played, with words beside it.
 *
 * Markup, inside the `data-content` element:
 *   <svg class="chapters" data-coverage viewBox="0 0 1000 12" preserveAspectRatio="none" role="img"
 *        aria-label="…" data-chapters='[[0,62000,"Why now"],…]'>…drawn by the server, drawn anew here…</svg>
 *   <p><span data-played-text>6:14 of 9:00 played</span>
 *      <a data-missing-text data-seek-ms="240000" href="…">1:25 to go. Jump to what is missing</a></p>
 */

import { covered, merged, without } from "./intervals.js";
import { lengthOf, word } from "./words.js";

const WIDTH = 1000;
const GAP = 4;
const SVG = "http://www.w3.org/2000/svg";

const rect = (name, x, width, y = 3, height = 6) => {
  const shape = document.createElementNS(SVG, "rect");
  shape.setAttribute("class", name);
  for (const [key, value] of Object.entries({ x, y, width: Math.max(0, width), height })) {
    shape.setAttribute(key, String(Math.round(value * 10) / 10));
  }
  return shape;
};

const within = (intervals, start, end) =>
  merged(intervals.map(([from, to]) => [Math.max(from, start), Math.min(to, end)]));

const chapterRects = ([start, end], played, scale) => {
  const from = start * scale;
  const width = (end - start) * scale - GAP;
  const filled = within(played, start, end).map(([a, b]) => {
    const left = a * scale;
    return rect("played", left, Math.min(b * scale, from + width) - left);
  });
  return [rect("all", from, width), ...filled];
};

const draw = (svg, chapters, { played, hereMs, lengthMs }) => {
  const scale = WIDTH / lengthMs;
  const shapes = chapters.flatMap((chapter) => chapterRects(chapter, played, scale));
  shapes.push(rect("here", Math.min(hereMs * scale, WIDTH - 6), 6, 0, 12));
  svg.setAttribute("viewBox", `0 0 ${WIDTH} 12`);
  svg.replaceChildren(...shapes);
};

const chaptersOf = (svg, lengthMs) => {
  try {
    const chapters = JSON.parse(svg.dataset.chapters || "[]");
    return chapters.length ? chapters : [[0, lengthMs, ""]];
  } catch {
    return [[0, lengthMs, ""]];
  }
};

/** The same words in the list of steps, where the step is this one recording. */
const showInSteps = (text) => {
  const note = document.querySelector("#steps [aria-current='step'] small");
  const isOne = document.querySelectorAll("[data-content]").length === 1;
  if (note && isOne && note.textContent !== text) note.textContent = text;
};

/** Show what was played, as far as this browser knows. */
export const showCoverage = (root, { played, hereMs, lengthMs }) => {
  const svg = root.querySelector("[data-coverage]");
  if (!lengthMs) return;
  const text = word("played", { played: lengthOf(covered(played)), all: lengthOf(lengthMs) });
  if (svg) {
    draw(svg, chaptersOf(svg, lengthMs), { played, hereMs, lengthMs });
    svg.setAttribute("aria-label", text);
  }
  const shown = root.querySelector("[data-played-text]");
  if (shown && shown.textContent !== text) shown.textContent = text;
  showInSteps(text);
  const [first] = without([[0, lengthMs]], played).filter(([a, b]) => b - a >= 1000);
  const link = root.querySelector("[data-missing-text]");
  if (link && first) link.dataset.seekMs = String(first[0]);
};

/** Show the server's words about what is missing. */
export const showMissing = (root, answer) => {
  const link = root.querySelector("[data-missing-text]");
  if (!link || answer.missing_text === undefined) return;
  link.hidden = !answer.missing_text;
  if (link.textContent !== answer.missing_text) link.textContent = answer.missing_text;
  if (answer.missing?.length) link.dataset.seekMs = String(answer.missing[0][0]);
};
