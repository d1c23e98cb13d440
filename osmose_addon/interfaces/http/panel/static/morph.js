/** Makes a piece of the page like a fresh one, touching only nodes that differ: nothing jumps, focus and scroll stay. */

const key = (node) => (node.nodeType === 1 ? node.id || node.dataset.title || "" : "");
const isAlike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);

/** Nodes that scripts own are left alone. */
function isOurs(node) {
  return node.nodeType === 1 && node.nodeName === "VIDEO";
}

function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(name === "open" || name === "data-broken" || name === "aria-busy")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (name === "src" && old.dataset.live && old.dataset.live === fresh.dataset.live) continue;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphNode(old, fresh) {
  if (isOurs(old)) return;
  if (old.nodeType !== 1) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  const isSameTime = old.nodeName === "TIME" && old.getAttribute("datetime") === fresh.getAttribute("datetime");
  morphAttributes(old, fresh);
  if (!isSameTime) morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  const news = [...fresh.childNodes];
  let here = old.firstChild;
  for (const child of news) {
    let match = here;
    if (match && !isAlike(match, child)) {
      match = key(child) ? [...old.childNodes].find((node) => isAlike(node, child)) : null;
      if (match) old.insertBefore(match, here);
      else match = undefined;
    }
    if (match) {
      const next = match === here ? here.nextSibling : here;
      morphNode(match, child);
      here = next;
    } else {
      old.insertBefore(document.importNode(child, true), here ?? null);
    }
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

export function morph(old, fresh) {
  morphNode(old, fresh);
}
