/** The menus of the player: picture, sound, subtitles, speed. */

import { forgetCues } from "./captions.js";
import { fill } from "./times.js";

const byId = (id) => document.getElementById(id);
const video = byId("video");
const words = JSON.parse(byId("player").dataset.words);
const { rungs, isSound } = JSON.parse(byId("player").dataset.view);
const SVG = "http://www.w3.org/2000/svg";
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
let hls = null;

/** Show what this player can do from now on. */
export function useHls(player) {
  hls = player;
  if (isSound) document.querySelector('[data-tab="sound"]').click(); // there is no picture to choose
}

export const rungOf = (level) => rungs.find(({ height }) => height === (level.height || 0));
export const nameOf = (level) => rungOf(level)?.name || (level.height ? `${level.height}p` : words.sound);

function choice(list, name, note, isChosen, choose) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "choice" });
  button.setAttribute("role", "radio");
  button.setAttribute("aria-checked", String(isChosen));
  const tick = document.createElementNS(SVG, "svg");
  tick.setAttribute("class", "icon");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${words.sprite}#check`);
  tick.append(use);
  const text = document.createElement("span");
  text.append(Object.assign(document.createElement("strong"), { textContent: name, dir: "auto" }));
  if (note) text.append(Object.assign(document.createElement("span"), { textContent: note }));
  button.append(tick, text);
  button.onclick = () => {
    choose();
    fillMenus();
  };
  list.append(button);
}

export function fillMenus() {
  const held = document.activeElement?.closest?.(".choices")?.dataset.list;
  fillPictures(byId("pictures"));
  fillTracks(byId("sounds"), hls?.audioTracks ?? [], hls?.audioTrack, (id) => (hls.audioTrack = id));
  fillTexts(byId("texts"));
  byId("speeds").replaceChildren();
  for (const speed of SPEEDS) choice(byId("speeds"), `${speed} ×`, "", video.playbackRate === speed, () => (video.playbackRate = speed));
  if (held) document.querySelector(`[data-list="${held}"] [aria-checked="true"]`)?.focus();
}

function fillPictures(list) {
  list.replaceChildren();
  if (!hls) return;
  const now = hls.levels[hls.currentLevel];
  const note = now && hls.autoLevelEnabled ? fill(words.auto_now, { name: nameOf(now) }) : "";
  choice(list, words.auto, note, hls.autoLevelEnabled, () => (hls.nextLevel = -1));
  const order = hls.levels.map((level, index) => [level, index]).sort(([a], [b]) => b.height - a.height || b.bitrate - a.bitrate);
  for (const [level, index] of order) {
    const rate = `${((level.averageBitrate || level.bitrate) / 1e6).toFixed(1)} Mb/s`;
    const told = rungOf(level)?.copied ? `${rate} · ${words.copied}` : rate;
    choice(list, nameOf(level), told, !hls.autoLevelEnabled && hls.manualLevel === index, () => (hls.nextLevel = index));
  }
}

function fillTracks(list, tracks, chosen, choose) {
  list.replaceChildren();
  list.parentElement.toggleAttribute("data-empty", tracks.length === 0);
  tracks.forEach((track, index) => {
    const note = track.channels ? { 1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1" }[parseInt(track.channels, 10)] ?? "" : "";
    const plain = note && track.name?.endsWith(` ${note}`) ? track.name.slice(0, -note.length - 1) : track.name ?? "";
    const [name, more] = wordsOf({ ...track, name: plain });
    choice(list, /\D/.test(name) ? name : `${words.track} ${name || index + 1}`, [more, note].filter(Boolean).join(" · "), index === chosen, () => choose(index));
  });
}

/** A language by its name: in the reader's own words, or in those of `reader`. */
function tongueOf(code, reader = document.documentElement.lang || "en") {
  try {
    return new Intl.DisplayNames([reader], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

/** A text track's language in the reader's own words, and what else its name says. */
function wordsOf({ name, lang, attrs }) {
  const tongue = lang ? tongueOf(lang) : name;
  const [, plain, count] = /^(.*?)( \(\d+\))?$/.exec(name);
  const says = (word) => plain.toLowerCase() === word.toLowerCase();
  const isOnlyTongue = !lang || says(tongue) || says(tongueOf(lang, lang)) || /^[a-z]{2,3}(-\w+)?$/.test(plain);
  const forced = attrs?.FORCED === "YES" ? words.forced : "";
  if (isOnlyTongue) return [lang ? tongue + (count ?? "") : name, forced];
  const isTold = name.toLowerCase().includes(tongue.toLowerCase());
  return [isTold ? name : tongue, [isTold ? "" : name, forced].filter(Boolean).join(" · ")];
}

function fillTexts(list) {
  const tracks = hls?.subtitleTracks ?? [];
  list.replaceChildren();
  list.parentElement.toggleAttribute("data-empty", tracks.length === 0);
  choice(list, words.off, "", !hls || hls.subtitleTrack < 0, () => hls && chooseText(-1));
  tracks.forEach((track, index) => {
    const [name, note] = wordsOf(track);
    choice(list, name, note, hls.subtitleTrack === index, () => chooseText(index));
  });
}

export function chooseText(index) {
  forgetCues();
  hls.subtitleDisplay = index >= 0;
  hls.subtitleTrack = index;
}
