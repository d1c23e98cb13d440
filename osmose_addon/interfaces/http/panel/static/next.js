/** Offers the next episode as the one that plays comes to its end. */

const BEFORE_S = 20;
const SHARE = 0.1; // of something short

/** Show the way to what follows, if there is any, towards the end of a video; `lengthOf` tells its length. */
export function offerNext(video, lengthOf) {
  const link = document.getElementById("next");
  if (!link) return;
  const look = () => {
    const isNear = lengthOf() - video.currentTime <= Math.min(BEFORE_S, lengthOf() * SHARE);
    link.hidden = !(isNear || video.ended);
  };
  for (const name of ["timeupdate", "seeking", "ended"]) video.addEventListener(name, look);
}
