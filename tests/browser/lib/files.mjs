/*
 * files: how the features that save and read files are tried.
 */
import assert from 'node:assert/strict';
import { sample } from './project.mjs';

const total = async (app, entity) => (await app.stored(entity)).length;

/* The oracle reads only what we know of the file: no line ends within its first line. */
export async function csvExport(app, { model }) {
  const entity = model.entities[0];
  await app.go(entity);
  const { name, text } = await app.download('csv-export');
  assert.match(name, /\.csv$/);
  assert.ok(text.startsWith('\ufeff'));
  const [head] = text.slice(1).split('\r\n');
  for (const field of entity.fields.filter((one) => one.type !== 'image'))
    assert.ok(head.includes(field.label.replace(/"/g, '""')), field.label);
  for (const record of await app.stored(entity))
    assert.ok(text.includes(String(record.values[entity.title_field]).split('\n')[0].replace(/"/g, '""')));
}

export async function csvImport(app, { model }) {
  const entity =
    model.entities.find((one) => !one.fields.some((field) => field.type === 'relation' && field.required)) ||
    model.entities[0];
  await app.go(entity);
  const before = await total(app, entity);
  const fields = entity.fields.filter((field) => field.type !== 'image' && field.type !== 'relation');
  const cell = (value) => `"${String(value ?? '').replace(/"/g, '""')}"`;
  const line = (i) => fields.map((field) => cell(sample(field, i))).join(',');
  const text = [fields.map((field) => cell(field.label)).join(','), line(4), line(4)].join('\n');
  await app.upload('csv-import', 'table.csv', text);
  await app.$('dialog[data-view="csv-import"] [data-action="import"]').click();
  await app.waitCount(before + 1);
  await app.reload();
  assert.equal(await total(app, entity), before + 1);
}

export async function jsonExport(app, { model }) {
  const { name, text } = await app.download('json-export');
  assert.match(name, /\.json$/);
  for (const entity of model.entities)
    assert.deepEqual(JSON.parse(text).entities[entity.name], await app.stored(entity));
}

export async function jsonImport(app, { info, model }) {
  const backup = { app: info.name, format: 1, entities: {} };
  for (const entity of model.entities) backup.entities[entity.name] = await app.stored(entity);
  const entity = model.entities.find(
    (one) => !model.entities.some((other) => other.fields.some((field) => field.target === one.name)),
  );
  if (!entity) return;
  await app.go(entity);
  await app.remove((await app.ids())[0]);
  await app.upload('json-import', 'backup.json', JSON.stringify(backup));
  await app.$('dialog[data-view="json-import"] [data-action="import"]').click();
  await app.waitCount(backup.entities[entity.name].length);
  const sorted = (records) => records.slice().sort((a, b) => (a.id < b.id ? -1 : 1));
  assert.deepEqual(sorted(await app.stored(entity)), sorted(backup.entities[entity.name]));
  await app.upload('json-import', 'other.json', '{"nothing":1}');
  await app.$('[data-view="toast"].is-error').first().waitFor();
}
