/** Where one stopped watching, kept in this browser. */

const KEY = "osmose.places";
const MOST = 60;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(places) {
  try {
    localStorage.setItem(KEY, JSON.stringify(places));
  } catch {
    /* Private windows may refuse: then nothing is resumed. */
  }
}

/** Return {at, length, name, when} of a title, or nothing when it was not begun or was seen to its end. */
export function placeOf(title) {
  return read()[title];
}

/** Return [id, place] of all titles begun, newest first. */
export function places() {
  return Object.entries(read()).sort(([, a], [, b]) => b.when - a.when);
}

export function forget(title) {
  const all = read();
  delete all[title];
  write(all);
}

/** Remember a place; the first seconds and the end credits count as none. */
export function remember(title, at, length, name) {
  if (at < 10 || at > length * 0.96) {
    forget(title);
    return;
  }
  const kept = Object.entries({ ...read(), [title]: { at, length, name, when: Date.now() } });
  write(Object.fromEntries(kept.sort(([, a], [, b]) => b.when - a.when).slice(0, MOST)));
}
