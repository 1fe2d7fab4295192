'use strict';

const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const assert = require('node:assert/strict');

const css = fs.readFileSync(path.join(__dirname, '..', 'css', 'tokens.css'), 'utf8');
const pairs = Object.fromEntries(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g)].map((m) => [m[1], [m[2], m[3]]]),
);

function luminance(hex) {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/* The contrast of WCAG 2: 1 for equal colours, 21 for black on white. */
function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const hues = Object.keys(pairs).filter((name) => name.startsWith('c-') && !name.endsWith('-soft'));
const grounds = ['page', 'surface', 'raised', 'sunken'];
const wanted = [
  ...grounds.flatMap((ground) => [
    ['ink', ground, 7],
    ['muted', ground, 4.5],
    ['danger', ground, 4.5],
    ['line-strong', ground, 2.9],
  ]),
  ['danger', 'danger-soft', 4.5],
  ['on-accent', 'danger', 4.5],
  ...hues.flatMap((hue) => [
    [hue, `${hue}-soft`, 4.5],
    ['on-accent', hue, 4.5],
    ['ink', `${hue}-soft`, 7],
    ...grounds.map((ground) => [hue, ground, 4.5]),
  ]),
];

test('every_text_has_the_contrast_of_AA_in_light_and_dark', () => {
  assert.equal(hues.length, 8);
  for (const [ink, ground, least] of wanted) {
    for (const scheme of [0, 1]) {
      const got = contrast(pairs[ink][scheme], pairs[ground][scheme]);
      assert.ok(got >= least, `${ink} on ${ground}, ${scheme ? 'dark' : 'light'}: ${got.toFixed(2)} is under ${least}`);
    }
  }
});

test('each_accent_and_tone_names_a_colour_of_the_list', () => {
  for (const [, name] of css.matchAll(/var\(--(c-[\w-]+)\)/g)) assert.ok(pairs[name], name);
});
