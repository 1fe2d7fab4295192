/*
 * audit: what can be measured of a page's accessibility without a library: contrast of what is shown, names of what can
 * be pressed or typed into, and whether anything reaches beyond the screen.
 */

/* Runs in the page: texts whose contrast is under WCAG AA, as sentences. */
function lowContrast() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  /* Every way to write a colour becomes red, green, blue, alpha. */
  function rgba(colour) {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  function ground(node) {
    const layers = [];
    for (let one = node; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  }
  function luminance([r, g, b]) {
    const [x, y, z] = [r, g, b]
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  }
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const top = [...document.querySelectorAll('dialog[open]')].pop() || document.body;
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (
      !walker.currentNode.data.trim() ||
      !top.contains(node) ||
      !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    )
      continue;
    if (node.closest('[disabled], .visually-hidden, option, noscript, script')) continue;
    const style = getComputedStyle(node);
    const below = ground(node);
    const ink = over(rgba(style.color), below);
    const [high, low] = [luminance(ink), luminance(below)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < least)
      found.push(`"${walker.currentNode.data.trim().slice(0, 30)}" has ${contrast.toFixed(2)}, not ${least}`);
  }
  return found;
}

/* Runs in the page: controls without a name. */
function nameless() {
  const named = (node) =>
    node.getAttribute('aria-label') ||
    node.getAttribute('aria-labelledby') ||
    node.textContent.trim() ||
    [...(node.labels || [])].some((label) => label.textContent.trim()) ||
    node.closest('label')?.textContent.trim();
  return [...document.querySelectorAll('button, a[href], select, textarea, input:not([type="hidden"])')]
    .filter((node) => node.checkVisibility() && !named(node))
    .map((node) => node.outerHTML.slice(0, 120));
}

/* Runs in the page: what makes it wider than the screen. */
function tooWide() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const isCut = (node) =>
    Boolean(node.parentElement) &&
    (getComputedStyle(node.parentElement).overflowX !== 'visible' || isCut(node.parentElement));
  return [...document.querySelectorAll('body *')]
    .filter((node) => node.getBoundingClientRect().right > width + 1 && !isCut(node))
    .map((node) => `${node.tagName} ${node.className} reaches ${Math.round(node.getBoundingClientRect().right)}`)
    .slice(0, 5);
}

/* Runs in the page: what still lies over a record when the page is scrolled to its end. */
function covered() {
  window.scrollTo(0, document.documentElement.scrollHeight);
  const ends = [...document.querySelectorAll('[data-record]')].map((node) => node.getBoundingClientRect().bottom);
  const end = Math.max(...ends);
  const found = [...document.querySelectorAll('[data-action="add"], [data-view="toast"]')]
    .filter((node) => node.checkVisibility() && !node.closest('[data-record], [data-view="empty"]'))
    .filter((node) => node.getBoundingClientRect().top < end && node.getBoundingClientRect().bottom > 0)
    .map((node) => `${node.className} over ${Math.round(end)}`);
  window.scrollTo(0, 0);
  return found;
}

export const audit = {
  contrast: (page) => page.evaluate(lowContrast),
  names: (page) => page.evaluate(nameless),
  width: (page) => page.evaluate(tooWide),
  covered: (page) => page.evaluate(covered),
};
