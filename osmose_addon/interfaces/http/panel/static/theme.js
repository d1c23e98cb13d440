/* Colours before the first paint: Home Assistant's theme when the panel lies inside it, else light or dark by the system.
   A classic script on purpose, so that it runs before the page is drawn. */
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  /** Return [red, green, blue] 0-255 of any CSS colour, or null. */
  function parse(colour) {
    const probe = document.createElement("canvas").getContext("2d");
    if (!colour || !CSS.supports("color", colour)) return null;
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }

  function luminance(rgb) {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(a, b) {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  }

  const mix = (a, b, share) => a.map((part, index) => Math.round(part + (b[index] - part) * share));
  const css = (rgb) => `rgb(${rgb.join(" ")})`;

  /** Move `colour` towards `goal` until it stands out from `ground` by 4.5 to 1. */
  function readable(colour, goal, ground) {
    for (let share = 0; share < 1; share += 0.05) {
      const tried = mix(colour, goal, share);
      if (contrast(tried, ground) >= 4.5) return tried;
    }
    return goal;
  }

  /** The root element of Home Assistant's page, or null when we are not inside it. */
  function host() {
    if (parent === window) return null;
    try {
      return parent.document.querySelector("home-assistant") ? parent.document.documentElement : null;
    } catch {
      return null;
    }
  }

  const plain = {
    bg: ["--primary-background-color"],
    card: ["--ha-card-background", "--card-background-color"],
    text: ["--primary-text-color"],
    "text-2": ["--secondary-text-color"],
    line: ["--divider-color"],
    accent: ["--primary-color"],
    quiet: ["--ha-color-fill-primary-normal-resting"],
    ok: ["--ha-color-on-success-normal"],
    "ok-quiet": ["--ha-color-fill-success-quiet-resting"],
    warn: ["--ha-color-on-warning-normal"],
    "warn-quiet": ["--ha-color-fill-warning-quiet-resting"],
    error: ["--ha-color-on-danger-normal"],
    "error-quiet": ["--ha-color-fill-danger-quiet-resting"],
    rec: ["--ha-color-fill-danger-loud-resting"],
    radius: ["--ha-card-border-radius"],
    font: ["--ha-font-family-body"],
    "font-scale": ["--ha-font-size-scale"],
  };

  function borrow(from) {
    const theirs = getComputedStyle(from);
    const own = {};
    for (const [token, names] of Object.entries(plain)) {
      const value = names.map((name) => theirs.getPropertyValue(name).trim()).find(Boolean);
      if (value) own[token] = value;
    }
    const [card, text, accent] = [own.card ?? own.bg, own.text, own.accent].map(parse);
    if (!card || !text) return;
    root.dataset.theme = luminance(card) < 0.2 ? "dark" : "light";
    if (accent) {
      const white = [255, 255, 255];
      const fill = root.dataset.theme === "dark" ? accent : readable(accent, [0, 0, 0], white);
      own.ink = css(readable(accent, text, card));
      own.fill = css(fill);
      own["on-fill"] = contrast(fill, white) >= 4.5 ? "#ffffff" : "#001721";
      own.quiet ??= css(mix(card, accent, 0.14));
    }
    own.sunk = css(mix(parse(own.bg ?? own.card), text, 0.06));
    own.raise = root.dataset.theme === "dark" ? css(mix(card, text, 0.04)) : css(card);
    for (const [token, value] of Object.entries(own)) root.style.setProperty(`--os-${token}`, value);
  }

  function choose() {
    const from = host();
    root.dataset.theme = dark.matches ? "dark" : "light";
    if (from) {
      root.dataset.inside = "";
      borrow(from);
    }
  }

  choose();
  dark.addEventListener("change", choose);
  const from = host();
  if (from) new MutationObserver(choose).observe(from, { attributes: true, attributeFilter: ["style", "class"] });
})();
