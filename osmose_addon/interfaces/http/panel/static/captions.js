/** Subtitles, drawn by ourselves: above the controls, and with no style that the page's policy forbids. */

const cues = new Map();

export function forgetCues() {
  cues.clear();
}

export function addCues(parsed) {
  for (const cue of parsed) cues.set(`${cue.startTime} ${cue.text}`, cue);
}

/** Write what is said now into `box`. */
export function tellCaption(box, video) {
  const now = [...cues.values()].filter(({ startTime, endTime }) => startTime <= video.currentTime && video.currentTime < endTime);
  const told = now.map(({ text }) => text).join("\n");
  box.hidden = !told;
  if (box.dataset.told === told) return;
  box.dataset.told = told;
  const lines = document.createElement("span");
  now.forEach((cue, index) => lines.append(index ? "\n" : "", cue.getCueAsHTML()));
  box.replaceChildren(lines);
}
