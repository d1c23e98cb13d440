/** Which rung is loaded first where nothing is: the one that is there soonest. hls.js goes on as it likes once some seconds are. */

const SPARE = 2; // how many times its bit rate the way has to take, before a copied rung is asked for in haste
const SOON_S = 3; // what has to be there before anything but the quickest is waited for

let forget = () => {};

/** Hurry at the start, at each seek, and while hardly anything is loaded; `rungs` tell which are there, `quick` is the height of the one made soonest. */
export function hurry(hls, video, { rungs, quick }) {
  const rungOf = (level) => rungs.find(({ height }) => height === (level?.height || 0));
  const prefer = () => {
    if (!hls.autoLevelEnabled || !hls.levels.length || rungOf(hls.levels[hls.nextAutoLevel])?.there) return;
    const isCopied = (level) => rungOf(level)?.copied && level.bitrate * SPARE < hls.bandwidthEstimate;
    const copied = hls.levels.findLastIndex(isCopied);
    const soonest = copied < 0 ? hls.levels.findIndex(({ height }) => height === quick) : copied;
    if (soonest < 0 || hls.levels.length < 2) return;
    hls.nextAutoLevel = soonest ? 0 : 1; // what was its own choice so far would be weighed anew: a wish is held to
    hls.nextAutoLevel = soonest;
  };
  const onSeeking = () => isLoaded(video) || prefer();
  forget();
  forget = () => video.removeEventListener("seeking", onSeeking);
  video.addEventListener("seeking", onSeeking);
  hls.on(Hls.Events.MANIFEST_PARSED, prefer);
  hls.on(Hls.Events.FRAG_LOADED, (_, { frag }) => {
    const isNext = frag.type === "main" && frag.sn !== "initSegment" && frag.end > video.currentTime;
    if (isNext && frag.end - video.currentTime < SOON_S) prefer();
  });
}

function isLoaded({ buffered, currentTime }) {
  for (let range = 0; range < buffered.length; range += 1) {
    if (buffered.start(range) <= currentTime && currentTime < buffered.end(range)) return true;
  }
  return false;
}
