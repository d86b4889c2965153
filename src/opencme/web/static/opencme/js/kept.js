/**
 * What this browser keeps for a while: answers not yet sent, played stretches not yet confirmed,
 * drafts of an evaluation. One entry per purpose, account and thing, in localStorage, because it
 * is written at once and survives a reload, a crash and a restart of the browser.
 *
 * Every entry names the account it belongs to and goes after 24 hours or at log-out.
 *
 * Markup: `<html data-account="ACCOUNT UUID or empty">` on every page.
 */

const PREFIX = "opencme:";
const SIGNED_OUT = `${PREFIX}signed-out`;
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** The account that this page was made for, or an empty string. */
export const account = () => document.documentElement.dataset.account || "";

const keyOf = (purpose, owner, name) => `${PREFIX}${purpose}:${owner}:${name}`;

const memory = new Map(); // where storage is switched off or full: as long as the page lives

const get = (key) => {
  if (memory.has(key)) return memory.get(key);
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const set = (key, text) => {
  try {
    localStorage.setItem(key, text);
    memory.delete(key);
  } catch {
    memory.set(key, text);
  }
};

const drop = (key) => {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept there
  }
};

const keys = () => {
  let stored = [];
  try {
    stored = Object.keys(localStorage);
  } catch {
    // storage is switched off
  }
  return [...new Set([...stored, ...memory.keys()])].filter((key) => key.startsWith(PREFIX));
};

const parsed = (key) => {
  try {
    return JSON.parse(get(key));
  } catch {
    return null;
  }
};

/** What is kept, or null. */
export const read = (purpose, owner, name) => parsed(keyOf(purpose, owner, name))?.value ?? null;

/** Keep a value; its day begins when it is kept first. */
export const write = (purpose, owner, name, value) => {
  const key = keyOf(purpose, owner, name);
  const since = parsed(key)?.since ?? Date.now();
  set(key, JSON.stringify({ since, value }));
};

export const remove = (purpose, owner, name) => drop(keyOf(purpose, owner, name));

/** The names of all that one account has kept for a purpose. */
export const names = (purpose, owner) => {
  const start = keyOf(purpose, owner, "");
  return keys().filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
};

/** The other accounts that have something kept here. */
export const otherOwners = (purpose, owner) => {
  const start = `${PREFIX}${purpose}:`;
  const owners = keys()
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length).split(":")[0]);
  return [...new Set(owners)].filter((other) => other !== owner);
};

/** Forget what is older than a day, whoever it belongs to. */
export const forgetOld = (now = Date.now()) => {
  for (const key of keys()) {
    const since = parsed(key)?.since;
    if (!since || Math.abs(now - since) > LIFETIME_MS) drop(key);
  }
};

/** Forget everything, and tell the other tabs that the account has signed out. */
export const forgetAll = () => {
  for (const key of keys()) drop(key);
  set(SIGNED_OUT, String(Date.now()));
  drop(SIGNED_OUT);
};

/** Call back when another tab signs out. */
export const onSignedOut = (callback) => {
  addEventListener("storage", (event) => {
    if (event.key === SIGNED_OUT && event.newValue) callback();
  });
};
