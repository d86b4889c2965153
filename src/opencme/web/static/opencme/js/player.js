/**
 * The player's own bar, and the measure of what was played.
 *
 * Markup (`components/player.html`), inside the `data-content` element of evidence.js:
 *   <div class="player__frame player__wide" data-player data-resume-ms="374000">
 *     <div class="player" role="group" aria-label="Player">
 *       <video class="player__stage" controls playsinline preload="metadata" poster="…">
 *         <source src="SIGNED URL" type="video/mp4">
 *         <track kind="captions" srclang="en" label="English" src="SIGNED URL">
 *       </video>
 *       <div class="player__bar" data-player-bar hidden>…components/player_bar.html: data-play,
 *         data-seek (a range in seconds), data-time, data-back, data-speed, data-captions, data-mute,
 *         data-full; icons by state: data-when="paused|playing|sounding|muted|in-page|full"…</div>
 *     </div>
 *     <p data-player-blocked hidden>…Your network blocks video. Read the transcript instead…</p>
 *   </div>
 *   <a data-source="low" href="SIGNED URL" data-type="video/mp4">…</a>   other versions of the same
 *                              recording: play in place; without script they are plain links
 *   any element with `data-seek-ms="60000"`: goes there and plays
 *
 * The bar takes the place of the browser's controls once it is wired; without script, or where it
 * cannot be wired, those stay. Pressing the picture plays and pauses, as they do.
 *
 * What is played is measured in media time as it passes: a stretch grows with `timeupdate` as far
 * as clock and speed allow, and ends at a seek, a pause, a sleep of the machine or a hidden page.
 */

import { Evidence } from "./evidence.js";
import { showChapters } from "./chapters.js";
import { showCoverage } from "./coverage.js";
import { lengthOf, word } from "./words.js";

const BEAT_MS = 10_000;
const SPEEDS = [1, 1.25, 1.5, 1.75, 2, 0.75];
const STALL_MS = 12_000;
const SEEK_KEYS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/** Follow one media element and hand out the stretches that it really played. */
export class Meter {
  /** @param {HTMLMediaElement} media @param {() => number} now in milliseconds */
  constructor(media, now = () => performance.now()) {
    this.media = media;
    this.now = now;
    this.start = null;
  }

  get at() {
    return Math.round(this.media.currentTime * 1000);
  }

  begin() {
    if (this.media.paused || this.media.seeking) return;
    this.start = this.at;
    this.last = this.at;
    this.lastNow = this.now();
  }

  /** Let the stretch grow to the present position if that can be playing, else begin another. */
  tick() {
    if (this.start === null) {
      this.begin();
      return [];
    }
    const passed = this.at - this.last;
    const possible = (this.now() - this.lastNow) * this.media.playbackRate * 1.25 + 500;
    if (passed < 0 || passed > possible) {
      const stretch = this.end();
      this.begin();
      return stretch;
    }
    this.last = this.at;
    this.lastNow = this.now();
    return [];
  }

  /** End the stretch where it was last seen playing. */
  end() {
    if (this.start === null) return [];
    const stretch = [this.start, this.last];
    this.start = null;
    return stretch[1] > stretch[0] ? [stretch] : [];
  }

  /** What has grown so far; the stretch goes on from here. */
  taken() {
    const stretch = this.end();
    if (stretch.length) {
      this.start = stretch[0][1];
      this.last = this.start;
    }
    return stretch;
  }
}

class Player {
  constructor(root, frame, onAnswer) {
    this.root = root;
    this.frame = frame;
    this.media = frame.querySelector("video, audio");
    this.bar = frame.querySelector("[data-player-bar]");
    this.lengthMs = Number(root.dataset.lengthMs || 0);
    this.meter = new Meter(this.media);
    this.evidence = new Evidence(root, (answer) => {
      this.show();
      onAnswer(answer);
    });
    this.beaten = 0;
    this.begun = false;
  }

  wire() {
    this.resume();
    this.wireMedia();
    this.wireBar();
    this.wireJumps();
    this.wirePage();
    this.show();
    this.evidence.send("played");
  }

  resume() {
    const at = (this.evidence.positionMs ?? Number(this.frame.dataset.resumeMs || 0)) / 1000;
    const set = () => {
      const { duration } = this.media;
      if (at > 1 && (!Number.isFinite(duration) || at < duration - 2)) this.media.currentTime = at;
    };
    if (this.media.readyState) set();
    else this.media.addEventListener("loadedmetadata", set, { once: true });
  }

  wireMedia() {
    const on = (types, act) =>
      types.split(" ").forEach((type) => this.media.addEventListener(type, act.bind(this)));
    on("play playing", this.played);
    on("timeupdate", this.tick);
    on("seeking", this.cut);
    on("seeked", this.landed);
    on("pause ended emptied webkitendfullscreen", this.stop);
    on("play pause ended volumechange ratechange webkitendfullscreen", this.showBar);
    on("error", this.blocked);
    this.media.querySelector("source:last-of-type")?.addEventListener("error", () => this.blocked());
    on("waiting stalled", this.stalled);
    on("playing canplay", this.unblocked);
    this.media.textTracks?.addEventListener("change", () => this.showBar());
    const failed = this.media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE;
    if (failed || this.media.error) this.blocked(); // before this script could listen
  }

  played() {
    if (this.meter.start === null) this.meter.begin();
    if (this.begun) return;
    this.begun = true;
    this.beat({ always: true }); // the server's clock for plausible time starts here
  }

  tick() {
    this.note(this.meter.tick());
    this.showTime();
    if (performance.now() - this.beaten > BEAT_MS) this.beat();
  }

  cut() {
    this.note(this.meter.end());
  }

  landed() {
    if (this.meter.start === null) this.meter.begin();
    this.showTime({ says: true });
    this.show();
  }

  stop() {
    this.note(this.meter.tick());
    if (this.media.paused || this.media.ended) this.note(this.meter.end());
    this.beat({ always: this.begun, last: true });
  }

  note(stretches) {
    if (stretches.length) this.evidence.add("played", stretches);
  }

  beat({ always = false, keepalive = false, last = keepalive } = {}) {
    this.note(this.meter.taken());
    this.evidence.moved(this.media.currentTime * 1000);
    this.beaten = performance.now();
    this.show();
    return this.evidence.send("played", { always, keepalive, last });
  }

  wirePage() {
    const leave = () => {
      this.note(this.meter.tick());
      this.beat({ keepalive: true });
    };
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") leave();
      else this.evidence.send("played");
    });
    addEventListener("online", () => this.evidence.send("played"));
    // what was not yet plausible or not confirmed is reported again, also while nothing plays
    setInterval(() => this.media.paused && this.evidence.send("played"), BEAT_MS);
  }

  wireBar() {
    if (!this.bar) return;
    this.bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if ("play" in button.dataset) this.toggle();
      if ("back" in button.dataset) this.media.currentTime -= 15;
      if ("speed" in button.dataset) this.faster();
      if ("captions" in button.dataset) this.toggleCaptions();
      if ("mute" in button.dataset) this.media.muted = !this.media.muted;
      if ("full" in button.dataset) this.toggleFullScreen();
    });
    this.wireSeek();
    document.addEventListener("fullscreenchange", () => this.showBar());
    this.showBar();
    this.showTime({ says: true });
    this.bar.hidden = false;
    this.media.controls = false;
    this.media.addEventListener("click", () => this.toggle());
  }

  wireSeek() {
    this.seek = this.bar.querySelector("[data-seek]");
    if (this.lengthMs) this.seek.max = String(Math.round(this.lengthMs / 1000));
    const go = (seconds) => {
      this.media.currentTime = Math.min(Math.max(0, seconds), Number(this.seek.max));
      this.showTime({ says: true });
    };
    this.seek.addEventListener("input", () => go(Number(this.seek.value)));
    this.seek.addEventListener("focus", () => this.showTime({ says: true }));
    this.seek.addEventListener("keydown", (event) => {
      const step = SEEK_KEYS[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      go(this.media.currentTime + step);
    });
  }

  toggle() {
    const refused = ({ name }) => name === "AbortError" || this.blocked(); // paused again at once
    if (this.media.paused) this.media.play().catch(refused);
    else this.media.pause();
  }

  get isFull() {
    return document.fullscreenElement === this.frame;
  }

  /** The frame with its bar; a phone that shows only the video so takes that, with its own bar. */
  toggleFullScreen() {
    if (this.isFull) document.exitFullscreen();
    else if (this.frame.requestFullscreen) this.frame.requestFullscreen().catch(() => {});
    else this.media.webkitEnterFullscreen();
  }

  get hasFullScreen() {
    if (this.media.localName !== "video") return false;
    return Boolean(document.fullscreenEnabled || this.media.webkitEnterFullscreen);
  }

  faster() {
    const at = SPEEDS.indexOf(this.media.playbackRate);
    this.media.playbackRate = SPEEDS[(at + 1) % SPEEDS.length];
  }

  get track() {
    return [...(this.media.textTracks ?? [])].find((track) => track.kind === "captions");
  }

  toggleCaptions() {
    if (this.track) this.track.mode = this.track.mode === "showing" ? "disabled" : "showing";
    this.showBar();
  }

  showBar() {
    if (!this.bar) return;
    const { paused, playbackRate, muted } = this.media;
    const play = this.bar.querySelector("[data-play]");
    play?.setAttribute("aria-label", word(paused ? "play" : "pause"));
    const mute = this.bar.querySelector("[data-mute]");
    mute.setAttribute("aria-label", word(muted ? "unmute" : "mute"));
    const full = this.bar.querySelector("[data-full]");
    full.hidden = !this.hasFullScreen;
    full.setAttribute("aria-label", word(this.isFull ? "leave-full-screen" : "full-screen"));
    const now = [
      paused ? "paused" : "playing",
      muted ? "muted" : "sounding",
      this.isFull ? "full" : "in-page",
    ];
    for (const icon of this.bar.querySelectorAll("[data-when]")) {
      icon.toggleAttribute("hidden", !now.includes(icon.dataset.when));
    }
    const speed = this.bar.querySelector("[data-speed]");
    if (speed) {
      speed.textContent = `${playbackRate}×`;
      speed.setAttribute("aria-label", word("speed", { speed: playbackRate }));
    }
    const captions = this.bar.querySelector("[data-captions]");
    captions?.toggleAttribute("hidden", !this.track);
    captions?.setAttribute("aria-pressed", String(this.track?.mode === "showing"));
  }

  /** The position, as text and on the range; `says` where the learner has just moved it. */
  showTime({ says = false } = {}) {
    const shown = this.bar?.querySelector("[data-time]");
    const length = this.lengthMs || this.media.duration * 1000 || 0;
    const text = `${lengthOf(this.media.currentTime * 1000)} / ${lengthOf(length)}`;
    if (shown && shown.textContent !== text) shown.textContent = text;
    if (this.seek) this.showPosition(length, says);
    this.root.dispatchEvent(
      new CustomEvent("opencme:time", { detail: { ms: this.media.currentTime * 1000 } }),
    );
  }

  /** A range that has the focus would be read aloud each second, so it is silent while it plays. */
  showPosition(length, says) {
    this.seek.value = String(this.media.currentTime);
    if (!says && document.activeElement === this.seek && !this.media.paused) return;
    const at = lengthOf(this.media.currentTime * 1000);
    this.seek.setAttribute("aria-valuetext", word("position", { at, all: lengthOf(length) }));
  }

  show() {
    const state = {
      played: this.evidence.covered(),
      hereMs: this.media.currentTime * 1000,
      lengthMs: this.lengthMs,
    };
    showCoverage(this.root, state);
    showChapters(this.root, state);
  }

  wireJumps() {
    document.addEventListener("click", (event) => {
      const jump = event.target.closest?.("[data-seek-ms]");
      const source = event.target.closest?.("[data-source]");
      const own = (element) => element && (element.closest("[data-content]") ?? this.root) === this.root;
      if (own(jump)) this.jump(event, Number(jump.dataset.seekMs));
      if (own(source)) this.change(event, source);
    });
  }

  jump(event, ms) {
    event.preventDefault();
    this.media.currentTime = ms / 1000;
    this.media.play().catch(() => {}); // the browser may ask for a press on the player itself
    const { top, bottom } = this.frame.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) this.frame.scrollIntoView({ block: "nearest" });
  }

  change(event, link) {
    event.preventDefault();
    this.stop();
    const { currentTime, playbackRate, paused } = this.media;
    this.media.src = link.href;
    this.media.addEventListener(
      "loadedmetadata",
      () => {
        Object.assign(this.media, { currentTime, playbackRate });
        if (!paused) this.media.play().catch(() => {});
      },
      { once: true },
    );
    for (const other of this.root.querySelectorAll("[data-source]")) {
      if (other === link) other.setAttribute("aria-current", "true");
      else other.removeAttribute("aria-current");
    }
  }

  stalled() {
    clearTimeout(this.stallTimer);
    this.stallTimer = setTimeout(() => {
      if (!this.media.paused && this.media.readyState < 3) this.blocked();
    }, STALL_MS);
  }

  blocked() {
    const words = this.frame.querySelector("[data-player-blocked]");
    if (words) words.hidden = false;
  }

  unblocked() {
    clearTimeout(this.stallTimer);
    const words = this.frame.querySelector("[data-player-blocked]");
    if (words) words.hidden = true;
  }
}

/** Make the player of a content step work; returns its evidence. */
export const wirePlayer = (root, onAnswer) => {
  const frame = root.querySelector("[data-player]");
  if (!frame?.querySelector("video, audio")) return new Evidence(root, onAnswer);
  const player = new Player(root, frame, onAnswer);
  player.wire();
  return player.evidence;
};
