/*
 * features: how each feature is tried. check(app, project) is called with a few records of every entity there; what is
 * expected is reckoned from the records as stored, not from what the page says.
 */
import assert from 'node:assert/strict';
import { csvExport, csvImport, jsonExport, jsonImport } from './files.mjs';
import { signIn, undo } from './session.mjs';
import { WORDS, entityOfRole, fieldOfRole, sample } from './project.mjs';

const listOf = (value) => (Array.isArray(value) ? value : [value]);

const isEmpty = (value) =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0);

async function total(app, entity) {
  return (await app.stored(entity)).length;
}

async function countWhere(app, entity, test) {
  return (await app.stored(entity)).filter((record) => test(record.values)).length;
}

/* Presses a button that narrows the list, sees the expected number, and lets go again. */
async function pressAndRelease(app, entity, selector, expected) {
  const button = app.$(selector);
  await button.click();
  await app.waitCount(expected);
  assert.equal(await button.getAttribute('aria-pressed'), 'true');
  await button.click();
  await app.waitCount(await total(app, entity));
}

/* All that a search may find a record by: its values, and those of the records it points at. */
async function searchTexts(app, model, entity) {
  const related = new Map();
  for (const field of entity.fields.filter((one) => one.type === 'relation')) {
    const target = model.entities.find((one) => one.name === field.target);
    for (const record of await app.stored(target)) related.set(record.id, String(record.values[target.title_field]));
  }
  const textOf = (value) =>
    listOf(value)
      .map((one) => related.get(one) ?? String(one))
      .join(' ');
  return (await app.stored(entity)).map((record) => Object.values(record.values).map(textOf).join(' '));
}

async function search(app, { model }) {
  const entity = model.entities.find((one) =>
    one.fields.some((field) => field.type === 'text' || field.type === 'long-text'),
  );
  assert.ok(entity, 'a text to search');
  await app.go(entity);
  const all = await total(app, entity);
  const texts = await searchTexts(app, model, entity);
  const expected = texts.filter((text) => text.includes(WORDS[1])).length;
  const input = app.$('[data-feature="search"] input');
  await input.fill(WORDS[1].toUpperCase());
  await app.waitCount(expected);
  await input.fill(`${WORDS[1]} nowhere`);
  await app.$('[data-view="no-match"]').waitFor();
  await app.$('[data-action="clear"]').click();
  await app.waitCount(all);
  assert.equal(await app.$('[data-feature="search"] input').inputValue(), '');
}

async function filterChoice(app, entity, place, name) {
  const field = entity.fields.find((one) => one.name === name);
  const values = (await app.stored(entity))
    .flatMap((record) => listOf(record.values[name]))
    .filter((value) => !isEmpty(value));
  const wanted = field.type === 'boolean' ? 'no' : values[0];
  const holds = field.type === 'boolean' ? (one) => one[name] !== true : (one) => listOf(one[name]).includes(wanted);
  await place.locator('select').selectOption(wanted);
  await app.waitCount(await countWhere(app, entity, holds));
}

async function filterRange(app, entity, place, name) {
  const values = (await app.stored(entity))
    .map((record) => record.values[name])
    .filter((value) => !isEmpty(value))
    .sort((a, b) => (a < b ? -1 : 1));
  const from = values[values.length - 1];
  await place.locator('[data-end="from"]').fill(String(from));
  await app.waitCount(await countWhere(app, entity, (one) => !isEmpty(one[name]) && one[name] >= from));
}

async function filter(app, { model }) {
  let tried = 0;
  for (const entity of model.entities) {
    await app.go(entity);
    if ((await app.$('[data-action="filter"]').count()) === 0) continue;
    await app.$('[data-action="filter"]').click();
    for (const place of await app.$('[data-filter]').all()) {
      const name = await place.getAttribute('data-filter');
      if ((await place.locator('select').count()) > 0) await filterChoice(app, entity, place, name);
      else await filterRange(app, entity, place, name);
      await app.$('[data-action="filter-clear"]').click();
      await app.waitCount(await total(app, entity));
      tried++;
    }
  }
  assert.ok(tried > 0, 'a field to filter by');
}

const ascending = (list) => list.slice().sort((a, b) => (a < b ? -1 : Number(a > b)));

/* The values in the order shown: one list, or one to a column of a board. */
async function shownLists(app, valueOf) {
  const lists =
    (await app.$('[data-column]').count()) > 0 ? await app.$('[data-column]').all() : [app.$('[data-layout]')];
  const ids = await Promise.all(
    lists.map((list) =>
      list.locator('[data-record]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-record'))),
    ),
  );
  return ids.map((list) => list.map((id) => valueOf.get(id)).filter((value) => !isEmpty(value)));
}

async function sort(app, { model }) {
  const entity = model.entities[0];
  await app.go(entity);
  const select = app.$('[data-feature="sort"] select');
  for (const field of entity.fields.filter((one) => ['text', 'number', 'money', 'date', 'time'].includes(one.type))) {
    await select.selectOption(field.name);
    const value = new Map((await app.stored(entity)).map((record) => [record.id, record.values[field.name]]));
    const first = await shownLists(app, value);
    const up = first.map(ascending);
    const down = up.map((list) => list.slice().reverse());
    assert.ok([String(up), String(down)].includes(String(first)), `ordered by ${field.name}: ${first}`);
    await app.$('[data-action="sort-turn"]').click();
    assert.equal(String(await shownLists(app, value)), String(String(first) === String(up) ? down : up));
  }
  await app.reload();
  assert.notEqual(await select.inputValue(), '', 'the order is remembered');
  await select.selectOption('');
}

async function tags(app, { model }) {
  const entity = entityOfRole(model, 'tags');
  const { name } = fieldOfRole(entity, 'tags');
  await app.go(entity);
  const [tag] = (await app.stored(entity)).flatMap((record) => record.values[name]);
  await pressAndRelease(
    app,
    entity,
    `[data-feature="tags"] [data-tag="${tag}"]`,
    await countWhere(app, entity, (values) => values[name].includes(tag)),
  );
}

async function categories(app, { model }) {
  const entity = entityOfRole(model, 'category');
  const { name } = fieldOfRole(entity, 'category');
  await app.go(entity);
  const { values } = (await app.stored(entity))[0];
  await pressAndRelease(
    app,
    entity,
    `[data-feature="categories"] [data-category="${values[name]}"]`,
    await countWhere(app, entity, (one) => one[name] === values[name]),
  );
}

async function dueDates(app, { model }) {
  const entity = entityOfRole(model, 'due');
  const { name } = fieldOfRole(entity, 'due');
  await app.go(entity);
  const isLate = (values) => values[name] === sample({ type: 'date' }, 0);
  const expected = await countWhere(app, entity, isLate);
  assert.ok(expected > 0);
  assert.equal(await app.$('[data-mark="is-overdue"]').count(), expected);
  await pressAndRelease(app, entity, '[data-due="overdue"]', expected);
}

const scheme = (app) =>
  app.page.evaluate(() => ({
    theme: document.documentElement.getAttribute('data-theme'),
    page: getComputedStyle(document.querySelector('.app-head')).color,
  }));

async function darkMode(app) {
  const button = app.$('[data-feature="dark-mode"]');
  const seen = {};
  for (let i = 0; i < 3; i++) {
    const now = await scheme(app);
    seen[now.theme] = now.page;
    await button.click();
  }
  assert.deepEqual(Object.keys(seen).sort(), ['dark', 'light', 'system']);
  assert.notEqual(seen.dark, seen.light);
  await app.page.emulateMedia({ colorScheme: 'dark' });
  assert.equal((await scheme(app)).page, seen.dark, 'follows the system');
  await button.click();
  await app.reload();
  assert.deepEqual(await scheme(app), { theme: 'light', page: seen.light }, 'the choice is remembered');
  await app.page.emulateMedia({ colorScheme: 'light' });
}

async function ratings(app, { model }) {
  const entity = entityOfRole(model, 'rating');
  const field = fieldOfRole(entity, 'rating');
  await app.go(entity);
  const [record] = await app.stored(entity);
  assert.equal(
    await app.record(record.id).locator('[data-stars]').first().getAttribute('data-stars'),
    String(record.values[field.name]),
  );
  await app.record(record.id).locator('[data-action="edit"]').click();
  await app.form().locator(`[data-field="${field.name}"] input:checked`).focus();
  await app.page.keyboard.press(record.values[field.name] === (field.max ?? 5) ? 'ArrowLeft' : 'ArrowRight');
  await app.save();
  const after = (await app.stored(entity)).find((one) => one.id === record.id).values[field.name];
  assert.equal(Math.abs(after - record.values[field.name]), 1);
  assert.equal(await app.record(record.id).locator('[data-stars]').first().getAttribute('data-stars'), String(after));
}

async function favourites(app, { model }) {
  const entity = entityOfRole(model, 'favourite');
  const { name } = fieldOfRole(entity, 'favourite');
  await app.go(entity);
  const [id] = await app.ids();
  await app.record(id).locator('[data-action="favourite"]').click();
  await app.record(id).locator('[data-action="favourite"][aria-pressed="true"]').waitFor();
  await pressAndRelease(
    app,
    entity,
    '[data-feature="favourites"] button',
    await countWhere(app, entity, (values) => values[name] === true),
  );
}

async function chart(app, { model }) {
  const wish = model.features.find((feature) => feature.name === 'chart');
  const entity = model.entities.find((one) => one.name === wish.entity) || model.entities[0];
  await app.go(entity);
  const place = app.$('[data-feature="chart"]');
  await place.locator('svg rect').first().waitFor();
  const what = place.locator('[data-chart="what"]');
  if ((await what.count()) > 0) await what.selectOption('count');
  const by = place.locator('[data-chart="by"]');
  for (const value of (await by.count()) > 0
    ? await by.locator('option').evaluateAll((all) => all.map((one) => one.value))
    : ['']) {
    if (value) await by.selectOption(value);
    const field = entity.fields.find((one) => one.name === value);
    const numbers = await place
      .locator('.chart-value')
      .evaluateAll((nodes) => nodes.map((node) => Number(node.textContent || 0)));
    const records = await app.stored(entity);
    /* A record of many choices counts in each of them; one without a day is in no month. */
    const groups = (one) =>
      !field
        ? 1
        : field.type === 'date'
          ? Number(!isEmpty(one.values[value]))
          : Math.max(1, listOf(one.values[value]).length);
    assert.equal(
      numbers.reduce((sum, number) => sum + number, 0),
      records.reduce((sum, one) => sum + groups(one), 0),
      `counted by ${value}`,
    );
  }
}

export const features = {
  search,
  filter,
  sort,
  tags,
  categories,
  'due-dates': dueDates,
  'dark-mode': darkMode,
  ratings,
  favourites,
  'csv-export': csvExport,
  'csv-import': csvImport,
  'json-export': jsonExport,
  'json-import': jsonImport,
  chart,
  'sign-in': signIn,
  undo,
};
