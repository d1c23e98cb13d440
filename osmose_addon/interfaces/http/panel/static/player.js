/** The player of a title: hls.js below, our own controls above. */

import { addCues, forgetCues, tellCaption } from "./captions.js";
import { chooseText, fillMenus, nameOf, rungOf, SPEEDS, useHls } from "./menus.js";
import { offerNext } from "./next.js";
import { hurry } from "./quick.js";
import { leave, peek } from "./storyboard.js";
import { clockOf, fill, stamp } from "./times.js";
import { forgetWait, noteWait, whyWaits } from "./waiting.js";
import { follow } from "./watching.js";

const byId = (id) => document.getElementById(id);
const player = byId("player");
const stage = byId("stage");
const video = byId("video");
const seek = byId("seek");
const words = JSON.parse(player.dataset.words);
const view = JSON.parse(player.dataset.view);
const title = player.dataset.title;
const LEAVE_MS = 3000;
const SVG = "http://www.w3.org/2000/svg";
let hls = null;
let isDragging = false;

const lengthOf = () => (Number.isFinite(video.duration) && video.duration > 0 ? video.duration : view.duration);

/* Starting, and what may go wrong ---------------------------------------------------------------------------------------- */

function startAt() {
  const asked = Number(location.hash.slice(1));
  if (location.hash.length > 1 && Number.isFinite(asked)) return asked;
  return view.at;
}

function start(at) {
  byId("trouble").hidden = true;
  if (globalThis.Hls?.isSupported()) startHls(at);
  else {
    video.src = player.dataset.src;
    video.addEventListener("loadedmetadata", () => (video.currentTime = at), { once: true });
    video.addEventListener("error", () => trouble("media"), { once: true });
  }
  video.play().catch(() => wake());
}

function startHls(at) {
  hls?.destroy();
  const patient = { maxTimeToFirstByteMs: 30000, maxLoadTimeMs: 120000 };
  const again = { maxNumRetry: 8, retryDelayMs: 1000, maxRetryDelayMs: 8000 };
  hls = new Hls({
    startPosition: at || -1,
    capLevelToPlayerSize: true,
    maxBufferLength: 30,
    backBufferLength: 60,
    renderTextTracksNatively: false, // we draw them ourselves, above the controls
    fragLoadPolicy: { default: { ...patient, timeoutRetry: again, errorRetry: again } },
  });
  hls.on(Hls.Events.ERROR, (_, problem) => onProblem(problem));
  hls.on(Hls.Events.MANIFEST_PARSED, fillMenus);
  hls.on(Hls.Events.LEVEL_SWITCHED, fillMenus);
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, fillMenus);
  hls.on(Hls.Events.AUDIO_TRACK_SWITCHED, fillMenus);
  hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, fillMenus);
  hls.on(Hls.Events.SUBTITLE_TRACK_SWITCH, () => {
    forgetCues();
    fillMenus();
  });
  hls.on(Hls.Events.FRAG_LOADED, forgetWait);
  hls.on(Hls.Events.CUES_PARSED, (_, { cues }) => addCues(cues));
  useHls(hls);
  hurry(hls, video, view);
  hls.loadSource(player.dataset.src);
  hls.attachMedia(video);
}

let recoveries = 0;

/** A picture or sound that is not there will not come however often it is asked for; subtitles may be missing. */
const isGone = ({ response, frag }) => [404, 410].includes(response?.code) && ["main", "audio"].includes(frag?.type);

function onProblem(problem) {
  if (isGone(problem)) trouble("gone");
  else if (problem.fatal) onFatal(problem);
  else {
    noteWait(problem);
    tellWait();
  }
}

/** No part of the film is of a kind that this browser decodes: trying again would not help. */
const isStrange = ({ details }) => ["manifestIncompatibleCodecsError", "bufferAddCodecError", "bufferIncompatibleCodecsError"].includes(details);

function onFatal(problem) {
  if (isStrange(problem)) return trouble("codec");
  if (problem.type === Hls.ErrorTypes.MEDIA_ERROR && recoveries < 2) {
    recoveries += 1;
    hls.recoverMediaError();
    return;
  }
  if ([404, 410].includes(problem.response?.code)) trouble("gone");
  else if ([422, 503].includes(problem.response?.code)) unusable(problem.frag?.url ?? problem.url);
  else trouble(problem.type === Hls.ErrorTypes.NETWORK_ERROR ? "network" : "media");
}

/** A part that Osmose cannot make: ask once more, for the reason in words. */
async function unusable(url) {
  trouble("unusable");
  const told = await fetch(url).then((answer) => answer.json()).catch(() => ({}));
  if (told.detail) byId("trouble-why").textContent = told.detail;
}

function trouble(kind) {
  hls?.stopLoad();
  video.pause();
  byId("trouble-what").textContent = words[`error_${kind}`];
  byId("trouble-why").textContent = words[`error_${kind}_why`];
  byId("trouble").hidden = false;
  byId("wait").hidden = true;
  byId("again").hidden = kind === "codec";
  (kind === "codec" ? byId("to-title") : byId("again")).focus();
}

/* Controls ---------------------------------------------------------------------------------------------------------------- */

function symbol(button, icon, label) {
  button.querySelector("use").setAttribute("href", `${words.sprite}#${icon}`);
  button.setAttribute("aria-label", label);
}

function toggle() {
  if (video.paused) video.play().catch(() => wake());
  else video.pause();
}

function jump(seconds) {
  goTo(video.currentTime + seconds);
}

function goTo(seconds) {
  video.currentTime = Math.min(Math.max(seconds, 0), lengthOf());
  tell();
  wake();
}

function toggleMute() {
  video.muted = !video.muted;
}

async function toggleFullscreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else if (player.requestFullscreen) await player.requestFullscreen().catch(() => {});
  else video.webkitEnterFullscreen?.();
}

function toggleMenu(isOpen = !player.hasAttribute("data-menu")) {
  player.toggleAttribute("data-menu", isOpen);
  byId("tune").setAttribute("aria-expanded", String(isOpen));
  wake();
}

/* What is told: places, times, chapters ------------------------------------------------------------------------------------ */

function tell() {
  const [now, length] = [isDragging ? seek.valueAsNumber / 1000 * lengthOf() : video.currentTime, lengthOf()];
  for (const node of document.querySelectorAll("[data-now]")) node.textContent = stamp(now);
  document.querySelector("[data-left]").textContent = `−${stamp(length - now)}`;
  document.querySelector("[data-length]").textContent = stamp(length);
  byId("played").setAttribute("width", String((now / length) * 1000 || 0));
  if (!isDragging) seek.value = String((now / length) * 1000 || 0);
  seek.setAttribute("aria-valuetext", fill(words.place, { now: stamp(now), length: stamp(length) }));
  const chapter = view.chapters.findLast(({ start }) => start <= now);
  byId("chapter").textContent = chapter?.name ?? "";
  const left = (length - now) / (video.playbackRate || 1);
  byId("ends").textContent = fill(words.ends, { time: clockOf(new Date(Date.now() + left * 1000)) });
  tellWhy();
}

function peekAt(share) {
  peek(byId("peek"), player.dataset.storyboard, share, share * lengthOf());
}

function rect(parent, from, to) {
  const bar = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x: from * 1000, width: Math.max(to - from, 0) * 1000, height: 6 })) {
    bar.setAttribute(name, String(value));
  }
  parent.append(bar);
}

function tellBuffered() {
  const group = byId("buffered");
  group.replaceChildren();
  for (let range = 0; range < video.buffered.length; range += 1) {
    rect(group, video.buffered.start(range) / lengthOf(), video.buffered.end(range) / lengthOf());
  }
}

function tellChapters() {
  for (const { start } of view.chapters.slice(1)) rect(byId("chapter-marks"), start / lengthOf(), start / lengthOf() + 0.002);
}

function loadedAhead() {
  for (let range = 0; range < video.buffered.length; range += 1) {
    const [start, end] = [video.buffered.start(range), video.buffered.end(range)];
    if (start <= video.currentTime && video.currentTime <= end) return Math.floor(end - video.currentTime);
  }
  return 0;
}

function tellWhy() {
  const level = hls?.levels[hls.currentLevel];
  byId("because").hidden = !level;
  if (!level) return;
  const rung = rungOf(level);
  const why = rung?.reason ? fill(rung.copied ? words.why_copied : words.why_encoded, { name: nameOf(level), reason: rung.reason }) : "";
  const told = [why, hls.autoLevelEnabled ? words.why_auto : "", fill(words.why_ahead, { s: loadedAhead() })];
  byId("because").querySelector("p").textContent = told.filter(Boolean).join(" ");
}

/* Showing and hiding ---------------------------------------------------------------------------------------------------------- */

let leaveTimer;

function wake() {
  player.removeAttribute("data-quiet");
  clearTimeout(leaveTimer);
  leaveTimer = setTimeout(rest, LEAVE_MS);
}

function rest() {
  const isBusy = video.paused || isDragging || view.isSound || player.hasAttribute("data-menu") || !byId("peek").hidden || stage.querySelector(".chrome :focus-visible");
  if (isBusy) return;
  player.setAttribute("data-quiet", "");
}

let waitTimer;

function tellWait() {
  byId("wait").textContent = whyWaits() || words.waiting;
}

function waits(isWaiting) {
  clearTimeout(waitTimer);
  if (!isWaiting) byId("wait").hidden = true;
  else waitTimer = setTimeout(() => {
    tellWait();
    byId("wait").hidden = !byId("trouble").hidden;
  }, 1000);
}

const keys = {
  " ": toggle, k: toggle, K: toggle,
  j: () => jump(-10), J: () => jump(-10), l: () => jump(10), L: () => jump(10),
  ArrowLeft: () => jump(-5), ArrowRight: () => jump(5),
  ArrowUp: () => (video.volume = Math.min(1, video.volume + 0.05)), ArrowDown: () => (video.volume = Math.max(0, video.volume - 0.05)),
  f: toggleFullscreen, F: toggleFullscreen, m: toggleMute, M: toggleMute,
  c: () => hls && chooseText(hls.subtitleTrack < 0 ? 0 : -1), C: () => hls && chooseText(hls.subtitleTrack < 0 ? 0 : -1),
  p: () => byId("pip").click(), P: () => byId("pip").click(),
  ",": () => video.paused && goTo(video.currentTime - 1 / 25), ".": () => video.paused && goTo(video.currentTime + 1 / 25),
  "<": () => changeSpeed(-1), ">": () => changeSpeed(1),
  Escape: () => (player.hasAttribute("data-menu") ? toggleMenu(false) : document.fullscreenElement || byId("back").click()),
};

function changeSpeed(step) {
  const at = SPEEDS.indexOf(video.playbackRate) + step;
  if (SPEEDS[at]) video.playbackRate = SPEEDS[at];
  fillMenus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  wake();
  const onButton = event.target.closest("button, a");
  if (onButton && [" ", "Enter"].includes(event.key)) return;
  if (event.target.closest(".choices") && event.key.startsWith("Arrow")) return moveChoice(event);
  if (event.target.id === "volume" && event.key.startsWith("Arrow")) return;
  const digit = /^[0-9]$/.test(event.key);
  if (digit) goTo((lengthOf() * Number(event.key)) / 10);
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
});

function moveChoice(event) {
  const all = [...event.target.closest(".choices").querySelectorAll(".choice")];
  const next = all[all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0)];
  next?.focus();
  event.preventDefault();
}

let lastTap = { at: 0, x: 0 };

function onTap(event) {
  const box = stage.getBoundingClientRect();
  const side = (event.clientX - box.left) / box.width;
  const isDouble = performance.now() - lastTap.at < 300 && Math.abs(event.clientX - lastTap.x) < 60;
  lastTap = { at: performance.now(), x: event.clientX };
  if (player.hasAttribute("data-menu") && matchMedia("(pointer: fine)").matches) return toggleMenu(false);
  if (isDouble && side < 0.35) return jump(-10);
  if (isDouble && side > 0.65) return jump(10);
  if (event.pointerType === "mouse") return isDouble ? toggleFullscreen() : toggle();
  if (player.hasAttribute("data-quiet")) wake();
  else player.toggleAttribute("data-quiet", !video.paused);
}

/* Wiring ---------------------------------------------------------------------------------------------------------------------- */

function onPlaying() {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    symbol(button, video.paused ? "play" : "pause", video.paused ? words.play : words.pause);
  }
  wake();
}

function onVolume() {
  symbol(byId("mute"), video.muted || !video.volume ? "volume-off" : "volume-high", video.muted ? words.unmute : words.mute);
  byId("volume").value = String(video.muted ? 0 : video.volume);
}

for (const button of document.querySelectorAll("[data-toggle]")) button.onclick = toggle;
for (const button of document.querySelectorAll("[data-jump]")) button.onclick = () => jump(Number(button.dataset.jump));
for (const tab of document.querySelectorAll("[data-tab]")) {
  tab.onclick = () => {
    for (const other of document.querySelectorAll("[data-tab]")) other.setAttribute("aria-selected", String(other === tab));
    for (const list of document.querySelectorAll("[data-list]")) list.toggleAttribute("data-chosen", list.dataset.list === tab.dataset.tab);
  };
}
byId("mute").onclick = toggleMute;
byId("volume").oninput = () => {
  video.muted = false;
  video.volume = byId("volume").valueAsNumber;
};
byId("tune").onclick = () => toggleMenu();
for (const button of document.querySelectorAll("[data-fullscreen]")) button.onclick = toggleFullscreen;
byId("again").onclick = () => {
  if ("refused" in player.dataset) return location.reload();
  recoveries = 0;
  start(video.currentTime || startAt());
};
byId("pip").hidden = !document.pictureInPictureEnabled;
byId("pip").onclick = () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture().catch(() => {}));
seek.oninput = () => {
  isDragging = true;
  peekAt(seek.valueAsNumber / 1000);
  tell();
};
seek.onpointermove = (event) => {
  if (event.pointerType !== "mouse" || isDragging) return;
  const box = seek.getBoundingClientRect();
  peekAt(Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
};
for (const name of ["pointerleave", "pointercancel", "blur"]) {
  seek.addEventListener(name, () => {
    if (isDragging) return;
    leave(byId("peek"));
    wake();
  });
}
seek.onchange = () => {
  isDragging = false;
  if (!seek.matches(":hover") || !matchMedia("(hover: hover)").matches) leave(byId("peek"));
  goTo((seek.valueAsNumber / 1000) * lengthOf());
};
video.addEventListener("pointerup", onTap);
video.addEventListener("timeupdate", tell);
setInterval(() => tellCaption(byId("caption"), byId("caption-high"), video), 100);
video.addEventListener("progress", tellBuffered);
video.addEventListener("durationchange", tell);
for (const name of ["play", "pause"]) video.addEventListener(name, onPlaying);
for (const name of ["waiting", "seeking"]) video.addEventListener(name, () => waits(true));
for (const name of ["playing", "seeked", "canplay"]) video.addEventListener(name, () => waits(false));
video.addEventListener("volumechange", onVolume);
offerNext(video, lengthOf);
follow(video, document.documentElement.dataset.root, title);
document.addEventListener("pointermove", (event) => event.pointerType === "mouse" && wake());
document.addEventListener("fullscreenchange", () => {
  const isFull = Boolean(document.fullscreenElement);
  for (const button of document.querySelectorAll("[data-fullscreen]")) {
    symbol(button, isFull ? "fullscreen-exit" : "fullscreen", isFull ? words.leave_fullscreen : words.fullscreen);
  }
});

stage.toggleAttribute("data-sound", view.isSound);
tellChapters();
fillMenus();
tell();
if (!("refused" in player.dataset)) start(startAt());
