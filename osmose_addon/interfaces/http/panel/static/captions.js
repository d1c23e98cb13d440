/** Subtitles, drawn by ourselves: above the controls, and with no style that the page's policy forbids. */

const cues = new Map();

export function forgetCues() {
  cues.clear();
}

export function addCues(parsed) {
  for (const cue of parsed) cues.set(`${cue.startTime} ${cue.text}`, cue);
}

/** Whether a cue asks to stand in the upper half, out of the way of what is written in the picture itself. */
function isHigh({ line, snapToLines }) {
  return typeof line === "number" && (snapToLines ? line >= 0 && line < 6 : line <= 50);
}

/** Write what is said now into the boxes: one below, one on top. */
export function tellCaption(low, high, video) {
  const now = [...cues.values()].filter(({ startTime, endTime }) => startTime <= video.currentTime && video.currentTime < endTime);
  write(low, now.filter((cue) => !isHigh(cue)));
  write(high, now.filter(isHigh));
}

function write(box, now) {
  const told = now.map(({ text }) => text).join("\n");
  box.hidden = !told;
  if (box.dataset.told === told) return;
  box.dataset.told = told;
  const lines = document.createElement("span");
  now.forEach((cue, index) => lines.append(index ? "\n" : "", cue.getCueAsHTML()));
  box.replaceChildren(lines);
}
