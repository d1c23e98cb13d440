/** Asks for the first parts of a film while the page and the player are still being read: they have to be made first. */

const { parts } = document.currentScript.dataset;

if (parts && location.hash.length < 2) {
  // The player asks for the same a moment later, and finds it on its way.
  for (const part of parts.split(" ")) fetch(part).then((answer) => answer.arrayBuffer()).catch(() => {});
}
