/** Search: hits as one types, below the field or on a page of their own. */

import { fill, length } from "./times.js";

const root = document.documentElement.dataset.root;
const WAIT_MS = 120;
const MOST = 24;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const finder = document.querySelector("[data-finder]");
const words = finder && JSON.parse(finder.dataset.finder);
const field = finder?.querySelector("input");
const box = finder?.querySelector(".hits");
const isPage = finder?.hasAttribute("data-page");

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const node = (name, className, text = "") => Object.assign(document.createElement(name), { className, textContent: text });

/** Append a text with what was searched for in bold. */
function appendMarked(parent, text, found) {
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const begin = found.filter((one) => plain(word).startsWith(one)).sort((a, b) => b.length - a.length)[0];
    if (!begin) continue;
    const marked = [...word].slice(0, begin.length).join("");
    parent.append(text.slice(end, index), node("mark", "", marked));
    end = index + marked.length;
  }
  parent.append(text.slice(end));
  return parent;
}

const whys = {
  people: (why) => fill(words.with, { name: why.text }),
  show: (why) => fill(why.episodes === 1 ? words.one_episode : words.episodes, { n: why.episodes }),
  original_name: (why) => why.text, genres: (why) => why.text, file: (why) => why.text, plot: (why) => why.text,
};

function factsOf(hit) {
  const { why, show, season, episode } = hit;
  const isShow = Boolean(why.episodes);
  const place = show && !isShow && episode !== null ? fill(words.place, { season: season ?? 1, episode }) : "";
  const left = hit.place?.at_s ? fill(words.left, { time: length(hit.duration_s - hit.place.at_s) }) : "";
  const state = hit.phase === "ready" ? left : words[hit.phase];
  return [isShow ? words.series : words[hit.kind], isShow ? "" : show, place, hit.year, state, whys[why.field]?.(why)].filter(Boolean);
}

function rowOf(hit, found) {
  const row = node("a", `hit ${hit.phase}`);
  row.href = root + hit.links.page;
  const art = node("span", "art");
  if (hit.phase !== "failed") {
    const image = Object.assign(new Image(160, 90), { alt: "", decoding: "async", loading: "lazy" });
    image.src = `${root}play/titles/${hit.id}/poster-small.jpg`;
    art.append(image);
  }
  const text = node("span", "grow");
  const title = node("strong", "");
  title.dir = "auto";
  appendMarked(title, hit.why.episodes ? hit.show : hit.name, found);
  text.append(title, appendMarked(node("span", "small-note"), factsOf(hit).join(" · "), found));
  row.append(art, text);
  return row;
}

function note(text, what) {
  const told = node("p", "note", text);
  if (what) told.append(node("span", "small-note", what));
  return told;
}

function show(nodes) {
  box.replaceChildren(...nodes);
  box.hidden = !nodes.length;
  box.scrollTop = 0;
}

let asking = null;
let timer;

async function find() {
  asking?.abort();
  const text = field.value.trim().slice(0, 200);
  if (isPage) history.replaceState(null, "", text ? `#${encodeURIComponent(text)}` : location.pathname);
  if (!text) return show([]);
  asking = new AbortController();
  const { signal } = asking;
  const body = JSON.stringify({ text, limit: MOST });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${root}api/search`, { method: "POST", headers, body, signal }).catch(() => null);
  const found = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!signal.aborted) tell(text, found);
}

function tell(text, found) {
  if (!found) return show([note(words.no_answer)]);
  if (!found.items.length) return show([note(fill(words.nothing, { text }), words.try_less)]);
  const rows = found.items.map((hit) => rowOf(hit, found.words));
  show(found.mended ? [note(fill(words.mended, { text, mended: found.mended })), ...rows] : rows);
}

function move(step) {
  const rows = [...box.querySelectorAll("a")];
  const at = rows.indexOf(document.activeElement) + step;
  if (at < 0) field.focus();
  else rows[Math.min(at, rows.length - 1)]?.focus();
}

function close() {
  if (!isPage) box.hidden = true;
}

function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) move(step);
  else if (event.key === "Enter" && event.target === field) openFirst();
  else if (event.key === "Escape") leave();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

async function openFirst() {
  clearTimeout(timer);
  await find();
  box.querySelector("a")?.click();
}

function leave() {
  if (document.activeElement === field && (box.hidden || isPage)) field.value = "";
  field.focus();
  if (isPage) find();
  else close();
}

function wire() {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, WAIT_MS);
  });
  field.addEventListener("focus", () => (box.hidden = !box.children.length));
  finder.addEventListener("keydown", (event) => event.target.closest("a") && event.key === "Enter" ? undefined : onKey(event));
  document.addEventListener("pointerdown", (event) => finder.contains(event.target) || close());
  finder.addEventListener("focusout", (event) => event.relatedTarget && !finder.contains(event.relatedTarget) && close());
  if (!isPage) return;
  try {
    field.value = decodeURIComponent(location.hash.slice(1));
  } catch {
    /* Not ours. */
  }
  field.focus();
  if (field.value) find();
}

if (finder) wire();
