/** What brings the pages to life: events, fresh pieces, live pictures, actions, the sheet, and Home Assistant around us. */

import { press, toast } from "./actions.js";
import { morph } from "./morph.js";
import "./search.js";
import { clockOf, fill, writeTimes } from "./times.js";

const root = document.documentElement.dataset.root;
const words = JSON.parse(document.body.dataset.words);
const byId = (id) => document.getElementById(id);

/* Pieces: fetched anew when something they tell of has changed ------------------------------------------------------ */

const stale = new Set();
const SETTLE_MS = 300;
const REST_MS = 1500;
let refreshTimer;
let refreshedAt = 0;

/** Have all pieces fetched anew that tell of one of these things; without names, all pieces. */
function touch(names) {
  for (const part of document.querySelectorAll("[data-part]")) {
    const wants = part.dataset.on.split(" ");
    if (!names || names.some((name) => wants.includes(name))) stale.add(part.dataset.part);
  }
  if (!stale.size) return;
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(refresh, Math.max(SETTLE_MS, refreshedAt + REST_MS - Date.now()));
}

async function refresh() {
  refreshedAt = Date.now();
  const names = [...stale];
  stale.clear();
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const name of names) {
    const selector = `[data-part="${CSS.escape(name)}"]`;
    const [old, next] = [document.querySelector(selector), fresh.querySelector(selector)];
    if (old && next) morph(old, next);
  }
  dress();
  document.dispatchEvent(new CustomEvent("osmose:fresh"));
}

/* Events -------------------------------------------------------------------------------------------------------------- */

const forms = {
  mbps: (value) => `${(value / 1000).toFixed(1)} Mb/s`,
  fps: (value) => `${Number(value).toFixed(1)} fps`,
  seconds: (value) => `${Number(value).toFixed(1)} s`,
  percent: (value) => `${value} %`,
};
/** Fields that change all the time and are written in place; they never make a piece stale. */
const lively = new Set(["bit_rate", "frame_rate", "viewers", "last_picture", "needs_you", "key_frame_gap", "jobs_running"]);
/** Fields that only pages about the making itself are fetched anew for. */
const figures = new Set(["filled", "progress", "speed", "left", "rung"]);

function writeState(name, value) {
  for (const node of document.querySelectorAll(`[data-state="${CSS.escape(name)}"]`)) {
    if (node.id === "needs-count") node.hidden = !value;
    if (node.nodeName === "PROGRESS") node.value = value ?? 0;
    else node.textContent = value === null ? "–" : (forms[node.dataset.form] ?? String)(value);
  }
}

function take(changes) {
  const names = [];
  for (const [name, value] of Object.entries(changes)) {
    writeState(name, value);
    const [thing, field] = name.split("/");
    if (figures.has(field)) names.push(thing, "figures");
    else if (!lively.has(field)) names.push(thing, thing.split(".")[0]);
  }
  touch(names);
}

function listen() {
  const source = new EventSource(`${root}api/events?without=title`); // of titles only what changes: there may be thousands
  source.addEventListener("states", ({ data }) => {
    online();
    for (const [name, value] of Object.entries(JSON.parse(data))) writeState(name, value);
    touch(); // something may have changed while nobody listened: since the page was drawn, or while the connection was away
  });
  source.addEventListener("changes", ({ data }) => take(JSON.parse(data)));
  source.addEventListener("journal", ({ data }) => touch(["journal", JSON.parse(data).kind]));
  source.addEventListener("error", () => {
    offline();
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
  addEventListener("pagehide", () => source.close(), { once: true });
}

let lostAt = null;
let offlineTimer;

function offline() {
  if (lostAt) return;
  lostAt = new Date();
  offlineTimer = setTimeout(() => {
    const banner = byId("offline");
    banner.querySelector("span").textContent = fill(words.offline, { time: clockOf(lostAt) });
    banner.hidden = false;
  }, 3000);
}

function online() {
  clearTimeout(offlineTimer);
  lostAt = null;
  byId("offline").hidden = true;
}

/* Live pictures: a fresh one every few seconds, only where somebody looks ----------------------------------------------- */

const inView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) target.dataset.seen = isIntersecting ? "1" : "";
});
const PICTURE_MS = 4000;

async function renew(image) {
  const next = new Image();
  next.src = `${image.dataset.live}?n=${Date.now()}`;
  await next.decode().then(() => (image.src = next.src), () => {});
}

async function renewAll() {
  if (!document.hidden) {
    const seen = [...document.querySelectorAll("img[data-live]")].filter((image) => image.dataset.seen);
    for (const image of seen) await renew(image);
  }
  setTimeout(renewAll, PICTURE_MS);
}

/* What one has seen --------------------------------------------------------------------------------------------------------- */

async function markSeen(button) {
  const watched = button.getAttribute("aria-pressed") !== "true";
  const body = JSON.stringify({ title: button.dataset.seen, watched });
  const headers = { "Content-Type": "application/json" };
  button.setAttribute("aria-busy", "true");
  button.setAttribute("aria-pressed", String(watched));
  const answer = await fetch(`${root}api/places`, { method: "POST", headers, body }).catch(() => null);
  button.removeAttribute("aria-busy");
  if (answer?.ok) touch(["place"]);
  else {
    button.setAttribute("aria-pressed", String(!watched));
    toast(words.failed);
  }
}

/* Home Assistant around us --------------------------------------------------------------------------------------------------- */

function insideHomeAssistant() {
  if (parent === window) return;
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || origin !== location.origin || data?.type !== "home-assistant/properties") return;
    for (const [side, value] of Object.entries(data.safeAreaInsets ?? {})) {
      document.documentElement.style.setProperty(`--os-safe-${side}`, value);
    }
  });
  try {
    parent.postMessage({ type: "home-assistant/subscribe-properties", handleSafeArea: true }, location.origin);
  } catch {
    /* Not Home Assistant, or an older one: its own header stays, and nothing is missing. */
  }
}

/* The page ------------------------------------------------------------------------------------------------------------------- */

function dress() {
  writeTimes();
  for (const image of document.querySelectorAll("img[data-live]")) inView.observe(image);
}

function moveInWall(event) {
  const cards = [...(event.target.closest?.("[data-wall], .wall, .strip-row")?.querySelectorAll("a") ?? [])].filter((card) => card.offsetParent);
  const at = cards.indexOf(event.target);
  if (at < 0) return;
  const top = cards[0].getBoundingClientRect().top;
  const columns = cards.findIndex((card) => card.getBoundingClientRect().top > top + 8);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  const next = step && cards[at + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

document.addEventListener("click", (event) => {
  const seen = event.target.closest("[data-seen]");
  if (seen) markSeen(seen);
  const button = event.target.closest("button[data-action]");
  if (button) press(button, () => touch(["journal", "job", "camera", "library", "title"]));
  const sheet = event.target.closest("[data-sheet]");
  if (sheet) byId(sheet.dataset.sheet).showModal();
  if (event.target.matches("dialog")) event.target.close();
  const back = event.target.closest("a[data-back]");
  const cameFromHere = document.referrer.startsWith(new URL(root, location.href).href);
  if (back && cameFromHere && history.length > 1 && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    history.back();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input")) {
    event.preventDefault();
    const field = document.querySelector("[data-finder] input");
    if (field?.checkVisibility()) field.focus();
    else location.href = `${root}search`;
  }
  const tiles = document.querySelectorAll(".wall .tile > a");
  const isTyping = event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey;
  if (/^[1-9]$/.test(event.key) && !isTyping) tiles[Number(event.key) - 1]?.click();
  moveInWall(event);
});
document.addEventListener("error", (event) => event.target.nodeName === "IMG" && event.target.setAttribute("data-broken", ""), true);
document.addEventListener("load", (event) => event.target.nodeName === "IMG" && event.target.removeAttribute("data-broken"), true);
for (const image of document.images) if (image.complete && !image.naturalWidth) image.setAttribute("data-broken", "");

const chip = document.querySelector(".chips [aria-current]"); // on a phone, it may lie beyond the edge
if (chip) chip.parentElement.scrollLeft = chip.offsetLeft - (chip.parentElement.clientWidth - chip.offsetWidth) / 2;
addEventListener("pageshow", (event) => event.persisted && touch()); // who comes back from the player sees the new place

dress();
listen();
insideHomeAssistant();
setInterval(() => document.hidden || writeTimes(), 1000);
setTimeout(renewAll, PICTURE_MS);
