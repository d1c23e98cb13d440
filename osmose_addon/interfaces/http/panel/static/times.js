/** Times in the reader's manner: "4 min ago" for the last hour, else the clock, with the day where it is not today. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "short" });

export function clockOf(date) {
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : dayAndClock.format(date);
}

function distance(seconds) {
  if (Math.abs(seconds) < 60) return relative.format(Math.round(seconds), "second");
  return relative.format(Math.round(seconds / 60), "minute");
}

function inWords(date, form) {
  const seconds = (date - Date.now()) / 1000;
  if (form === "ago" && seconds > -3600) return distance(Math.min(seconds, 0));
  if (form === "in" && Math.abs(seconds) < 3600) return distance(Math.max(seconds, 0));
  return clockOf(date);
}

/** Write all times below `root` anew. */
export function writeTimes(root = document) {
  for (const node of root.querySelectorAll("time[data-time]")) {
    const date = new Date(node.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const words = inWords(date, node.dataset.time);
    if (node.textContent !== words) node.textContent = words;
    node.title = date.toLocaleString();
  }
}

/** A place in a film: "3:05" or "1:02:09". */
export function stamp(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** A length: "7 min" or "1 h 12". */
export function length(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

/** Fill the blanks of a sentence. */
export function fill(sentence, blanks) {
  return sentence.replace(/\{(\w+)\}/g, (blank, name) => blanks[name] ?? blank);
}
