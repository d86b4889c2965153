/**
 * What was played and what was read, reported until the server has counted it.
 *
 * Markup, on the element around player and transcript:
 *   <div data-content data-account="ACCOUNT UUID" data-participation="UUID" data-step="STEP KEY"
 *        data-beat-url="/path/P/STEP/beat/" data-read-url="/path/P/STEP/read/"
 *        data-played="[[0,62000]]" data-read="[]" data-length-ms="540000">{% csrf_token %}…
 *
 * Server:
 *   POST beat-url {"played": [[start_ms, end_ms], …], "position_ms": 454000, "last": true}
 *   POST read-url {"read": [[start_ms, end_ms], …]}        (the stretches of the segments shown)
 *   The server may count a little later what comes without "last".
 *   200 {"played": [[…]], "read": [[…]], "missing": [[…]],   all that is counted now
 *        "played_text": "6:14 of 9:00 played", "missing_text": "1:25 to go. Jump to …" or "",
 *        "reason": "Post-test opens after 1:25 more of the recording." or "",
 *        "next": {"open": true, "url": "/path/P/POST-TEST/"} or null,
 *        "review": true}        where this visit counts for nothing, so that nothing is repeated
 *
 * A stretch is sent again until it comes back as counted: the union makes repetition harmless, so
 * lost beats, two devices and a page that was hidden need no other care. What is not counted yet
 * is kept in the browser.
 */

import { account, read, remove, write } from "./kept.js";
import { longEnough, merged, without } from "./intervals.js";
import { NotSent, pauseBefore, sendJson } from "./send.js";

const PURPOSE = "evidence";
const SLIVER_MS = 250; // a player's clock is no finer
const MOST_AT_ONCE = 400; // the server takes five hundred; the rest goes with the next beat

const parsedList = (text) => {
  try {
    return JSON.parse(text || "[]");
  } catch {
    return [];
  }
};

/** The evidence of one content step: `add` stretches, `send` them, learn what counts. */
export class Evidence {
  /** @param {HTMLElement} root @param {(answer: object) => void} onAnswer */
  constructor(root, onAnswer) {
    const { account: named, participation, step } = root.dataset;
    this.owner = named || account();
    this.name = `${participation}:${step}`;
    this.urls = { played: root.dataset.beatUrl, read: root.dataset.readUrl };
    this.counted = { played: parsedList(root.dataset.played), read: parsedList(root.dataset.read) };
    const kept = read(PURPOSE, this.owner, this.name) ?? {};
    this.mine = { played: kept.played ?? [], read: kept.read ?? [] };
    this.positionMs = kept.positionMs ?? null;
    this.lengthMs = Number(root.dataset.lengthMs || 0) || Infinity;
    this.onAnswer = onAnswer;
    this.failures = 0;
    this.restsUntil = 0; // a busy server has asked for a pause
  }

  /** What this browser knows and the server has not counted. */
  waiting(kind) {
    return longEnough(without(this.mine[kind], this.counted[kind]), SLIVER_MS);
  }

  /** Counted and known here together: what the page shows. */
  known(kind) {
    return merged(structuredClone(this.counted[kind]), structuredClone(this.mine[kind]));
  }

  /** Played or read: both are routes through the same recording. */
  covered() {
    return merged(this.known("played"), this.known("read"));
  }

  add(kind, stretches) {
    const inside = stretches.map(([start, end]) => [
      start < SLIVER_MS ? 0 : start,
      end > this.lengthMs - SLIVER_MS ? this.lengthMs : end,
    ]);
    this.mine[kind] = merged(this.mine[kind], inside);
    this.keep();
  }

  moved(positionMs) {
    this.positionMs = Math.round(positionMs);
  }

  keep() {
    const played = this.waiting("played");
    const read_ = this.waiting("read");
    if (!played.length && !read_.length) remove(PURPOSE, this.owner, this.name);
    else write(PURPOSE, this.owner, this.name, { played, read: read_, positionMs: this.positionMs });
  }

  /**
   * Report one kind; `always` also where there is nothing new, as the first beat and the position.
   * `last` where nothing may follow for a while: the server then counts it at once.
   */
  async send(kind, { always = false, keepalive = false, last = keepalive } = {}) {
    const stretches = this.waiting(kind).slice(0, MOST_AT_ONCE);
    if (!this.urls[kind] || (!stretches.length && !always)) return;
    if (!keepalive && performance.now() < this.restsUntil) return; // the page that closes asks once more
    const value = { [kind]: stretches };
    if (last) value.last = true;
    if (kind === "played" && this.positionMs !== null) value.position_ms = this.positionMs;
    try {
      this.learn(await sendJson(this.urls[kind], value, { owner: this.owner, keepalive }));
      this.failures = 0;
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      this.rest(error);
    }
  }

  /** What was not sent is kept, and goes with the first beat after the pause. */
  rest({ kind, retryAfterMs }) {
    if (kind !== "busy") return;
    this.failures += 1;
    this.restsUntil = performance.now() + pauseBefore(this.failures, retryAfterMs);
  }

  learn(answer) {
    for (const kind of ["played", "read"]) {
      if (Array.isArray(answer[kind])) this.counted[kind] = merged(answer[kind]);
      this.mine[kind] = answer.review ? [] : this.waiting(kind);
    }
    this.keep();
    this.onAnswer(answer);
  }
}
