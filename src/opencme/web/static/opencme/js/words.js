/**
 * The words of the scripts, in the language of the page.
 *
 * Markup: `components/script_words.html` once per page, a `<template id="script-words">` of
 * `<p data-word="kept-other">Offline, {count} answers kept here</p>`. Its texts go through gettext
 * like all others; a word missing there shows up as its name, and a test looks for that.
 */

const language = document.documentElement.lang || "en";
const plural = new Intl.PluralRules(language);
const clock = new Intl.DateTimeFormat(language, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

const found = (name) =>
  document.getElementById("script-words")?.content.querySelector(`[data-word="${name}"]`)
    ?.textContent;

/** A text with its values put in; `count` chooses the plural form. */
export const word = (name, values = {}) => {
  const forms = "count" in values ? [`${name}-${plural.select(values.count)}`, `${name}-other`] : [];
  const text = [...forms, name].map(found).find((form) => form !== undefined) ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
};

/** The time of day of an instant, "10:42". */
export const timeOf = (instant) => clock.format(new Date(instant));

/** A length of media, "6:14" or "1:02:09". */
export const lengthOf = (ms) => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
};
