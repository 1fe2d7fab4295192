/*
 * app.test: opens built projects in Chromium from disk and uses them as a person would.
 *
 *   APPS=/path/to/project[:/path/to/another] node --test
 *
 * A folder whose name is an id of requests.json is also held against what that request should give. CHROMIUM is the
 * browser's path. Without a browser, playwright-core or a folder everything is skipped, with the reason.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppPage } from './lib/app.mjs';
import { audit } from './lib/audit.mjs';
import { features } from './lib/features.mjs';
import { addByKeyboard } from './lib/keyboard.mjs';
import { inNeedOrder, readProject, sample } from './lib/project.mjs';

const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const dirs = (process.env.APPS || '')
  .split(':')
  .filter(Boolean)
  .map((dir) => path.resolve(dir));
const { requests } = JSON.parse(fs.readFileSync(new URL('requests.json', import.meta.url), 'utf8'));
const playwright = await import('playwright-core').catch(() => null);

function reasonToSkip() {
  if (!playwright) return 'playwright-core is not installed: npm ci';
  if (!fs.existsSync(CHROMIUM)) return `no browser at "${CHROMIUM}", CHROMIUM may name one`;
  return dirs.length === 0 ? 'APPS names no project' : false;
}

const RECORDS = 3;

/* Tests of one app run in order and share its page: each leaves at least RECORDS records of every entity. */
function testApp(dir) {
  const project = readProject(dir);
  const { info, model } = project;
  const request = requests.find((one) => one.id === path.basename(dir));
  const first = model.entities[0];
  let browser = null;
  let context = null;
  let app = null;

  before(async () => {
    browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    context = await browser.newContext({ viewport: { width: 1200, height: 900 }, colorScheme: 'light' });
    context.setDefaultTimeout(10000);
    app = new AppPage(project, await context.newPage());
  });
  after(() => browser && browser.close());

  it('is what was asked for', { skip: !request && 'no row in requests.json' }, () => {
    assert.equal(info.lang, request.lang);
    for (const name of request.entities)
      assert.ok(
        model.entities.some((entity) => entity.name === name),
        `entity ${name}`,
      );
    for (const name of request.features)
      assert.ok(
        model.features.some((feature) => feature.name === name),
        `feature ${name}`,
      );
    const readme = fs.readFileSync(path.join(dir, 'README.md'), 'utf8');
    const section = readme.split(/^## (?:Not built|만들지 않은 것)$/m)[1].split(/^## /m)[0];
    assert.equal((section.match(/^- /gm) || []).length, request.not_built, 'wishes named as not built');
  });

  it('opens empty and says what to do', async () => {
    await app.open();
    for (const entity of model.entities) {
      await app.go(entity);
      await app.$('[data-view="empty"] [data-action="add"]').waitFor();
    }
    assert.match(await app.page.title(), new RegExp(info.title.slice(0, 3).replace(/[^\p{L}\p{N}]/gu, '.'), 'u'));
  });

  it('refuses a record without what is required, and says why', async () => {
    const entity = inNeedOrder(model)[0];
    await app.go(entity);
    await app.$('[data-view="empty"] [data-action="add"]').click();
    const field = entity.fields.find((one) => one.required && ['text', 'long-text'].includes(one.type));
    if (field) {
      await app.form().locator('[data-action="save"]').click();
      await app.form().locator(`[data-field="${field.name}"] [aria-invalid="true"]`).waitFor();
      assert.notEqual(await app.form().locator(`[data-field="${field.name}"] .field-error`).textContent(), '');
    }
    await app.page.keyboard.press('Escape');
    await app.form().waitFor({ state: 'detached' });
  });

  it('adds records with every field filled', async () => {
    for (const entity of inNeedOrder(model)) {
      await app.go(entity);
      for (let i = 0; i < RECORDS; i++) await app.record(await app.add(entity, i)).waitFor();
      assert.equal(await app.count(), RECORDS);
    }
    assert.equal(await app.$('img[src="x"]').count(), 0, 'text is not read as HTML');
  });

  it('keeps them after a reload', async () => {
    const before = await app.stored(first);
    await app.reload();
    await app.go(first);
    await app.waitCount(RECORDS);
    assert.deepEqual(await app.stored(first), before);
    for (const record of before) await app.record(record.id).waitFor();
  });

  it('edits a record', async (t) => {
    const field = first.fields.find(
      (one) => ['text', 'long-text', 'number', 'money'].includes(one.type) && one.role !== 'rating',
    );
    if (!field) return t.skip('no field to type into');
    const [record] = await app.stored(first);
    const value = ['number', 'money'].includes(field.type) ? sample(field, 5) : 'changed by hand';
    await app.edit(record.id, first, { [field.name]: value });
    assert.equal((await app.stored(first)).find((one) => one.id === record.id).values[field.name], value);
    return app.edit(record.id, first, { [field.name]: sample(field, 0) });
  });

  it('shows a record whole', async () => {
    for (const entity of model.entities) {
      await app.go(entity);
      await app.$('[data-record] [data-action="open"]').first().click();
      const detail = app.$('dialog[data-view="detail"]');
      await detail.waitFor();
      for (const field of entity.fields.filter((one) => one.name !== entity.title_field && one.type !== 'image'))
        await detail.locator(`[data-value="${field.name}"]`).waitFor();
      assert.deepEqual(await audit.names(app.page), []);
      assert.deepEqual(await audit.contrast(app.page), []);
      await app.page.keyboard.press('Escape');
      await detail.waitFor({ state: 'detached' });
    }
  });

  for (const { name } of model.features) {
    it(`feature: ${name}`, async () => {
      assert.ok(features[name], `no check for the feature ${name}`);
      await app.reload(); /* what the feature before has narrowed is let go */
      await features[name](app, project);
    });
  }

  it('deletes a record', async () => {
    for (const entity of inNeedOrder(model).reverse()) {
      await app.go(entity);
      const id = await app.add(entity, 3);
      await app.remove(id);
      assert.ok(!(await app.stored(entity)).some((record) => record.id === id));
    }
  });

  it('adds a record by keyboard alone', async () => {
    await app.reload();
    await app.go(first);
    const before = await app.count();
    await addByKeyboard(app, first);
    await app.waitCount(before + 1);
  });

  it('has readable colours and a name for everything, light and dark', async () => {
    for (const colorScheme of ['light', 'dark']) {
      await app.page.emulateMedia({ colorScheme });
      for (const entity of model.entities) {
        await app.go(entity);
        assert.deepEqual(await audit.contrast(app.page), [], `${entity.name}, ${colorScheme}`);
        assert.deepEqual(await audit.names(app.page), []);
        await app.$('[data-action="add"]:visible').first().click();
        assert.deepEqual(await audit.contrast(app.page), [], `form of ${entity.name}, ${colorScheme}`);
        assert.deepEqual(await audit.names(app.page), []);
        await app.page.keyboard.press('Escape');
        await app.form().waitFor({ state: 'detached' });
      }
    }
    await app.page.emulateMedia({ colorScheme: 'light' });
  });

  it('fits a phone', async () => {
    await app.page.setViewportSize({ width: 360, height: 740 });
    for (const entity of model.entities) {
      await app.go(entity);
      assert.deepEqual(await audit.width(app.page), [], entity.name);
      await app.page.evaluate(() => globalThis.App.toast('A message that has two lines here', { slot: 'undo' }));
      assert.deepEqual(await audit.covered(app.page), [], entity.name);
      await app.$('[data-action="add"]:visible').first().click();
      const wide = await app
        .form()
        .evaluate((node) =>
          [...node.querySelectorAll('*')]
            .filter(
              (one) =>
                one.scrollWidth > one.clientWidth + 1 &&
                getComputedStyle(one).overflowX === 'visible' &&
                one.clientWidth > 0,
            )
            .map((one) => one.outerHTML.slice(0, 80)),
        );
      assert.deepEqual(wide, [], `form of ${entity.name}`);
      assert.deepEqual(await audit.width(app.page), [], `form of ${entity.name}`);
      await app.page.keyboard.press('Escape');
      await app.form().waitFor({ state: 'detached' });
    }
    await app.page.setViewportSize({ width: 1200, height: 900 });
  });

  it('hears of changes in another tab', async () => {
    await app.go(first);
    const before = await app.count();
    const other = new AppPage(project, await context.newPage());
    await other.open();
    await other.add(first, 1);
    await app.waitCount(before + 1);
    await other.page.close();
    assert.deepEqual(other.trouble, []);
  });

  it('stays quick with 2,000 records', async () => {
    const key = `${info.id}/data/${first.name}`;
    await app.page.evaluate(
      ([name, images]) => {
        const data = JSON.parse(localStorage.getItem(name));
        const [model] = data.records;
        const values = { ...model.values, ...Object.fromEntries(images.map((image) => [image, null])) };
        data.records = Array.from({ length: 2000 }, (_, i) => ({ ...model, id: `many-${i}`, values }));
        localStorage.setItem(name, JSON.stringify(data));
      },
      [key, first.fields.filter((field) => field.type === 'image').map((field) => field.name)],
    );
    await app.reload();
    await app.go(first);
    await app.waitCount(2000);
    const start = Date.now();
    await app.page.evaluate(() => globalThis.App.page.update());
    assert.ok(Date.now() - start < 1500, `drawn again in ${Date.now() - start} ms`);
    assert.ok((await app.ids()).length < 500, 'not all are drawn at once');
  });

  it('sets aside data that cannot be read', async () => {
    const broken = '{"schema":1,"records":[{"id":"half';
    await app.page.evaluate(
      ([name, text]) => localStorage.setItem(name, text),
      [`${info.id}/data/${first.name}`, broken],
    );
    await app.reload();
    await app.$('[data-problem="damaged"]').waitFor();
    await app.add(first, 0);
    const kept = await app.page.evaluate((name) => localStorage.getItem(name), `${info.id}/damaged/${first.name}/1`);
    assert.equal(kept, broken);
  });

  it('had no error, no warning and no request to elsewhere', () => assert.deepEqual(app.trouble, []));
}

const skip = reasonToSkip();
if (skip) it('projects in Chromium', { skip }, () => {});
else for (const dir of dirs) describe(path.basename(dir), () => testApp(dir));
