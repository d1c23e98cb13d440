/** The live picture of one camera: low-latency HLS, muted, with its delay told; a still picture where that fails. */

import { fill, length } from "./times.js";

const byId = (id) => document.getElementById(id);
const screen = byId("screen");
const video = byId("video");
const still = screen.querySelector(":scope > img");
const words = JSON.parse(byId("transport").dataset.words);
const FAR_BEHIND_S = 8;
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
  hls?.destroy();
  hls = null;
  video.hidden = true;
  byId("delay").hidden = true;
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

function renewStill() {
  still.src = `${still.src.split("?")[0]}?n=${Date.now()}`;
}

/* Telling ------------------------------------------------------------------------------------------------------------------- */

function delay() {
  const date = hls?.playingDate;
  return date ? (Date.now() - date.getTime()) / 1000 : hls?.latency ?? 0;
}

function tell() {
  if (!hls || video.hidden) return;
  const seconds = delay();
  const isBehind = seconds > FAR_BEHIND_S;
  const told = seconds > 0 && seconds < 3600 ? `${seconds.toFixed(1)} s` : "–";
  const fact = byId("delay-fact");
  if (fact) fact.textContent = told;
  byId("go-live").hidden = !isBehind && !video.paused;
  byId("delay").hidden = !isBehind;
  byId("delay").textContent = fill(words.behind, { time: seconds < 60 ? told : length(seconds) });
  const badge = byId("live-badge");
  if (badge) badge.hidden = isBehind || video.paused;
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
  if (phase() === "live") start();
  else if (hls) {
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
