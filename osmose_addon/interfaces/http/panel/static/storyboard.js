/** What is at a place of the film: its time, and a small picture of it where the title has a storyboard. */

import { stamp } from "./times.js";

const CUE = /(\d+):(\d+):(\d+\.\d+) --> .*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;
const sheets = new Map();
let tiles = [];
let asked = false;
let wanted = null;

/** Ask for the list once; while it is being made, again when its maker says so. A title without one has none. */
async function load(list) {
  if (asked) return;
  asked = true;
  const answer = await fetch(list).catch(() => null);
  if (answer?.ok) {
    tiles = [...(await answer.text()).matchAll(CUE)].map(([, hours, minutes, seconds, sheet, ...place]) => ({
      start: hours * 3600 + minutes * 60 + Number(seconds),
      sheet: new URL(sheet, answer.url).href,
      place: place.map(Number),
    }));
    draw();
  } else if (!answer || answer.status === 503) {
    const later_s = Number(answer?.headers.get("Retry-After")) || 5;
    setTimeout(() => {
      asked = false;
      if (!wanted.box.hidden) load(list);
    }, later_s * 1000);
  }
}

function sheetOf(url) {
  if (!sheets.has(url)) {
    const sheet = new Image();
    sheet.onload = draw;
    sheet.src = url;
    sheets.set(url, sheet);
  }
  return sheets.get(url);
}

function draw() {
  if (!wanted || wanted.box.hidden) return;
  const tile = tiles.findLast(({ start }) => start <= wanted.seconds);
  const canvas = wanted.box.querySelector("canvas");
  const sheet = tile && sheetOf(tile.sheet);
  if (!sheet?.complete || !sheet.naturalWidth) return;
  const [x, y, width, height] = tile.place;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(sheet, x, y, width, height, 0, 0, width, height);
  canvas.hidden = false;
  settle();
}

/** Put the box above its place, but never past the ends of the line. */
function settle() {
  const { box, share } = wanted;
  const room = box.parentElement.clientWidth;
  const half = box.offsetWidth / 2;
  box.style.left = `${Math.min(Math.max(share * room, half), Math.max(room - half, half))}px`;
}

/** Show in `box` what is `seconds` into the film, above `share` (0 to 1) of the line; `list` is where the storyboard is. */
export function peek(box, list, share, seconds) {
  wanted = { box, share, seconds };
  box.hidden = false;
  box.querySelector("span").textContent = stamp(seconds);
  settle();
  load(list);
  draw();
}

export function leave(box) {
  box.hidden = true;
}
