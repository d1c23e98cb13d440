/** Tells Osmose what is watched and how far, so that it counts, and goes on where one stopped on any screen. */

const EVERY_MS = 10000;
const COUNTS_AFTER_S = 10; // or 5 % of something short: so soon it is told, and Osmose counts it
const LONGEST_STEP_S = 1.5; // a longer one is a seek, or a machine that slept

/** An id of this playback. `crypto.randomUUID` is missing where the page came without TLS. */
function newView() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Follow a video that plays the title. */
export function follow(video, root, title) {
  let view = newView();
  let watched = 0;
  let told = -1;
  let last = null;

  function look() {
    const now = performance.now() / 1000;
    const isOn = !video.paused && !video.seeking && video.readyState > 2;
    if (isOn && last !== null) watched += Math.min(Math.max(now - last, 0), LONGEST_STEP_S);
    last = isOn ? now : null;
  }

  function tell(isLeaving) {
    look();
    if (!watched || !Number.isFinite(video.currentTime)) return;
    const [at, seen] = [Math.round(video.currentTime * 10) / 10, Math.round(watched * 10) / 10];
    if (told === `${at} ${seen}`) return;
    told = `${at} ${seen}`;
    const body = JSON.stringify({ title, view, at_s: at, watched_s: seen });
    const address = `${root}api/views`;
    const headers = { "Content-Type": "application/json" };
    if (isLeaving) navigator.sendBeacon(address, new Blob([body], { type: headers["Content-Type"] }));
    else fetch(address, { method: "POST", headers, body, keepalive: true }).catch(() => {}); // the next one tells it all
  }

  let due = performance.now() + EVERY_MS;
  let isCounted = false;
  video.addEventListener("timeupdate", () => {
    look();
    const counts = !isCounted && watched >= Math.min(COUNTS_AFTER_S, video.duration * 0.05 || COUNTS_AFTER_S);
    if (video.paused || (performance.now() < due && !counts)) return;
    due = performance.now() + EVERY_MS;
    isCounted ||= counts;
    tell(false);
  });
  for (const name of ["playing", "waiting", "seeking"]) video.addEventListener(name, look);
  video.addEventListener("pause", () => tell(false));
  video.addEventListener("seeked", () => video.paused && tell(false));
  video.addEventListener("ended", () => {
    tell(false);
    view = newView(); // who plays it again watches it again
    watched = 0;
    isCounted = false;
  });
  addEventListener("pagehide", () => tell(true));
  document.addEventListener("visibilitychange", () => document.hidden && tell(true));
}
