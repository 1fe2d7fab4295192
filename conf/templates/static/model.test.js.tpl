/* What holds of this app as a whole: its model is sound, its files are there, and a record can be kept and found. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const assert = require('node:assert/strict');
const { load, fakeStorage } = require('./helper.js');

const root = path.join(__dirname, '..');
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
const html = read('index.html');
const scripts = [...html.matchAll(/<script defer src="([^"]+)"/g)].map((match) => match[1]);
const styles = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map((match) => match[1]);

/* The parts that need no page, in the order in which the page loads them. */
function open() {
  const isPure = (name) =>
    ['model', 'strings', 'core', 'format', 'storage', 'store', 'fields', 'records'].includes(name) ||
    /^(field-|ratings$)/.test(name);
  const names = scripts.map((file) => path.basename(file, '.js'));
  const own = names.filter(isPure);
  /* helper.load empties App first, so that the model comes last here. */
  const App = load(...own.filter((name) => name !== 'model' && name !== 'strings'), 'model', 'strings');
  App.store.open(() => fakeStorage());
  return App;
}

/* A value that a field of each type can hold. */
function sample(App, field) {
  const range = field.min !== undefined ? field.min : field.max !== undefined ? Math.min(field.max, 1) : 1;
  const option = () => (field.options && field.options.length > 0 ? field.options[0].value : 'sample');
  const values = {
    text: 'Sample',
    'long-text': 'Two\nlines',
    number: range,
    money: range,
    date: '2025-03-09',
    time: '18:30',
    boolean: true,
    choice: field.many ? [option()] : option(),
    email: 'name@example.com',
    url: 'https://example.com/',
    image: null,
    relation: field.many ? [] : null,
  };
  return values[field.type];
}

/* Records that others need must be there first. */
function makeRecord(App, entity) {
  const values = Object.fromEntries(entity.fields.map((field) => [field.name, sample(App, field)]));
  for (const field of entity.fields.filter(
    (one) => one.type === 'relation' && one.required && one.target !== entity.name,
  )) {
    const { id } = makeRecord(App, App.entity(field.target));
    values[field.name] = field.many ? [id] : id;
  }
  assert.deepEqual(App.records.check(entity, values), {});
  return App.records.add(entity, values).record;
}

test('every_entity_has_a_title_and_fields_of_known_types', () => {
  const App = open();
  assert.ok(App.model.entities.length > 0);
  for (const entity of App.model.entities) {
    assert.ok(App.field(entity, entity.title_field), `${entity.name} has a title field`);
    assert.equal(
      new Set(entity.fields.map((field) => field.name)).size,
      entity.fields.length,
      `${entity.name} names each field once`,
    );
    for (const field of entity.fields) {
      assert.ok(field.label, `${field.name} has a label`);
      assert.ok(App.fields.isKnown(field.type), `js/ has a file for the type ${field.type}`);
      if (field.type === 'relation') assert.ok(App.entity(field.target), `${field.name} points at an entity`);
      if (field.type === 'choice' && !field.open) assert.ok(field.options.length > 0, `${field.name} has options`);
    }
  }
});

test('every_entity_keeps_changes_finds_and_deletes_a_record', () => {
  for (const { name } of open().model.entities) {
    const App = open();
    const entity = App.entity(name);
    const record = makeRecord(App, entity);
    const title = App.records.title(entity, record);
    assert.ok(
      App.records.searchText(entity, record).includes(App.fold(title)) ||
        !App.fields.of(App.field(entity, entity.title_field)).isSearched,
    );
    assert.ok(App.records.update(entity, record, {}).ok);
    assert.ok(App.records.remove(entity, App.store.get(name, record.id)).ok);
    assert.deepEqual(
      App.store.all(name).filter((one) => one.id === record.id),
      [],
    );
  }
});

test('every_field_reads_back_what_it_writes', () => {
  const App = open();
  for (const entity of App.model.entities) {
    for (const field of entity.fields) {
      const type = App.fields.of(field);
      const value = sample(App, field);
      if (type.isEmpty(value)) continue;
      assert.deepEqual(type.parse(type.text(value, field), field), value, `${entity.name}.${field.name}`);
    }
  }
});

test('the_page_names_only_files_that_are_there', () => {
  for (const file of [...scripts, ...styles]) assert.ok(fs.existsSync(path.join(root, file)), file);
  for (const folder of ['js', 'css']) {
    for (const file of fs.readdirSync(path.join(root, folder)))
      assert.ok([...scripts, ...styles].includes(`${folder}/${file}`), `${folder}/${file} is used`);
  }
});

test('the_page_runs_nothing_inline_and_asks_no_one', () => {
  const markup = html.replace(/<title>[^]*<\/title>/, ''); /* an app may be called anything */
  assert.match(markup, /Content-Security-Policy/);
  assert.doesNotMatch(markup, /<script(?![^>]* src=)|<style| style=| on[a-z]+=|https?:/i);
  for (const file of [...scripts, ...styles].filter((name) => name !== 'js/model.js')) {
    const text = read(file);
    assert.doesNotMatch(text, /\b(fetch|XMLHttpRequest|WebSocket|importScripts|eval)\s*\(|@import|url\(/, file);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write/, file);
  }
});

test('every_text_the_code_asks_for_is_there', () => {
  const App = open();
  for (const file of scripts) {
    for (const [, how, key] of read(file).matchAll(/App\.(tn?)\('([\w.-]+)'/g)) {
      const keys = how === 't' ? [key] : [`${key}.one`, `${key}.other`];
      for (const one of keys) assert.ok(one in App.strings, `${file}: ${one}`);
    }
  }
});
