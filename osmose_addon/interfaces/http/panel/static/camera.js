/** The live picture of one camera: low-latency HLS, muted, with its delay told; a still picture where that fails. */

import { fill, length } from "./times.js";

const byId = (id) => document.getElementById(id);
const screen = byId("screen");
const video = byId("video");
const still = screen.querySelector(":scope > img");
const picture = still.dataset.picture;
const words = JSON.parse(byId("transport").dataset.words);
const FAR_BEHIND_S = 8;
const PATIENCE_MS = 6000;
let hls = null;
let retryTimer;

function phase() {
  return document.querySelector('[data-part="why"]').dataset.phase;
}

/* Playing ------------------------------------------------------------------------------------------------------------------ */

function start() {
  clearTimeout(retryTimer);
  if (hls || document.hidden || phase() !== "live") return;
  if (!globalThis.Hls?.isSupported()) {
    video.src = screen.dataset.liveSrc;
    video.play().catch(() => {});
    return;
  }
  hls = new Hls({ lowLatencyMode: true, liveSyncDuration: 1, liveMaxLatencyDuration: 12, maxLiveSyncPlaybackRate: 1.2, backBufferLength: 20 });
  hls.on(Hls.Events.ERROR, (_, problem) => problem.fatal && fail());
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, showSound);
  hls.on(Hls.Events.BUFFER_CODECS, (_, codecs) => showSound(codecs));
  hls.loadSource(screen.dataset.liveSrc);
  hls.attachMedia(video);
  video.play().catch(() => {});
}

function stop() {
  clearTimeout(retryTimer);
  keepLastPicture();
  hls?.destroy();
  hls = null;
  video.hidden = true;
}

/** Leave the last picture standing where the film was. */
function keepLastPicture() {
  if (video.hidden || !video.videoWidth) return;
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((bytes) => bytes && (still.src = URL.createObjectURL(bytes)), "image/jpeg", 0.85);
}

function fail() {
  stop();
  renewStill();
  retryTimer = setTimeout(start, 3000);
}

function showSound(codecs) {
  const hasSound = Boolean(codecs?.audio || codecs?.audiovideo?.codec?.includes("mp4a") || hls?.levels[0]?.audioCodec);
  byId("mute").hidden = !hasSound;
}

/** Show the newest picture, if there is one to be had. */
async function renewStill() {
  const next = new Image();
  next.src = `${picture}?n=${Date.now()}`;
  await next.decode().then(() => (still.src = next.src), () => {});
}

/* Telling ------------------------------------------------------------------------------------------------------------------- */

function delay() {
  const date = hls?.playingDate;
  return date ? (Date.now() - date.getTime()) / 1000 : hls?.latency ?? 0;
}

function tell() {
  const isStuck = phase() === "live" && video.hidden && performance.now() > PATIENCE_MS;
  const seconds = delay();
  const isBehind = !video.hidden && seconds > FAR_BEHIND_S;
  const told = !video.hidden && seconds > 0 && seconds < 3600 ? `${seconds.toFixed(1)} s` : "–";
  const [fact, badge] = [byId("delay-fact"), byId("live-badge")];
  if (fact) fact.textContent = told;
  if (badge) badge.hidden = video.hidden || isBehind || video.paused;
  byId("go-live").hidden = video.hidden || (!isBehind && !video.paused);
  byId("delay").hidden = !isBehind && !isStuck;
  byId("delay").textContent = isStuck ? words.stuck : fill(words.behind, { time: seconds < 60 ? told : length(seconds) });
}

function symbol(button, icon, label) {
  button.querySelector("use").setAttribute("href", `${words.sprite}#${icon}`);
  button.setAttribute("aria-label", label);
}

/* Wiring -------------------------------------------------------------------------------------------------------------------- */

function toggle() {
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

function toLive() {
  if (hls?.liveSyncPosition) video.currentTime = hls.liveSyncPosition;
  video.play().catch(() => {});
}

async function toggleFullscreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else if (screen.requestFullscreen) await screen.requestFullscreen().catch(() => {});
  else video.webkitEnterFullscreen?.();
}

function onPhase() {
  byId("play").hidden = phase() !== "live";
  screen.classList.toggle("away", ["lost", "frozen", "refused", "unusable"].includes(phase()));
  if (phase() === "live") {
    if (!still.hasAttribute("src")) renewStill();
    start();
  } else if (hls) {
    stop();
    renewStill();
  }
}

video.addEventListener("playing", () => (video.hidden = false));
for (const name of ["play", "pause"]) {
  video.addEventListener(name, () => symbol(byId("play"), video.paused ? "play" : "pause", video.paused ? words.play : words.pause));
}
video.addEventListener("volumechange", () => symbol(byId("mute"), video.muted ? "volume-off" : "volume-high", video.muted ? words.unmute : words.mute));
byId("play").onclick = toggle;
byId("go-live").onclick = toLive;
byId("mute").onclick = () => (video.muted = !video.muted);
byId("fullscreen").onclick = toggleFullscreen;
video.addEventListener("dblclick", toggleFullscreen);
document.addEventListener("osmose:fresh", onPhase);
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, button, a") && event.key === " ") return;
  const key = { " ": toggle, k: toggle, l: toLive, L: toLive, f: toggleFullscreen, F: toggleFullscreen }[event.key];
  if (!key || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  key();
});
setInterval(tell, 1000);
onPhase();
