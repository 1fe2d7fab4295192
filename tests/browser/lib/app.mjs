/*
 * app: a built project open in a page: what a person does with it, found by data attributes and roles, never by time.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PIXEL, sample } from './project.mjs';

export const PASSPHRASE = 'correct horse battery';

export class AppPage {
  constructor(project, page) {
    this.project = project;
    this.page = page;
    this.trouble = []; /* console errors, page errors, requests to elsewhere */
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.trouble.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.trouble.push(`page: ${error.message}`));
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) this.trouble.push(`request: ${request.url()}`);
    });
    page.on('dialog', (dialog) => {
      this.trouble.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
  }

  $(selector) {
    return this.page.locator(selector);
  }

  /** Loads the page; signs in, or sets the passphrase the first time, when the app asks. */
  async open() {
    await this.page.goto(pathToFileURL(path.join(this.project.dir, 'index.html')).href);
    await this.enter();
  }

  async reload() {
    await this.page.reload();
    await this.enter();
  }

  async enter() {
    await this.$('body[data-ready], [data-view="sign-in"]').first().waitFor();
    if ((await this.$('[data-view="sign-in"]').count()) > 0) await this.signIn(PASSPHRASE);
    await this.$('body[data-ready]').waitFor();
  }

  async signIn(passphrase) {
    for (const input of await this.$('[data-view="sign-in"] input').all()) await input.fill(passphrase);
    await this.$('[data-action="sign-in"]').click();
  }

  /** Shows the page of an entity. */
  async go(entity) {
    const link = this.$(`[data-nav="${entity.name}"]`);
    if ((await link.count()) > 0) await link.click();
    await this.$(`[data-view="page"][data-entity="${entity.name}"]`).waitFor();
  }

  async count() {
    return Number(await this.$('[data-view="page"]').getAttribute('data-count'));
  }

  async waitCount(number) {
    await this.$(`[data-view="page"][data-count="${number}"]`).waitFor();
  }

  ids() {
    return this.$('[data-record]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-record')));
  }

  record(id) {
    return this.$(`[data-record="${id}"]`);
  }

  /** The records as they lie in the browser, read past the app's own code. */
  async stored(entity) {
    const text = await this.page.evaluate(
      (key) => localStorage.getItem(key),
      `${this.project.info.id}/data/${entity.name}`,
    );
    try {
      return text ? JSON.parse(text).records : [];
    } catch (error) {
      return []; /* one test damages the text on purpose */
    }
  }

  async fillChoice(row, field, value) {
    const select = row.locator('select');
    if (field.open) {
      await row.locator('input').first().fill(String(value));
      if (field.many) await row.locator('input').first().press('Enter');
    } else if ((await select.count()) > 0) await select.selectOption(String(value));
    else await row.locator(`input[value="${value}"]`).check({ force: true });
  }

  async fillField(row, field, value) {
    if (field.type === 'image')
      await row.locator('input[type="file"]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: PIXEL });
    else if (field.type === 'relation') await this.pickRelation(row);
    else if (field.role === 'rating')
      await row
        .locator(`input[type="radio"][value="${value}"], input[type="text"]`)
        .first()
        .evaluate((input, text) => {
          if (input.type === 'radio') input.click();
          else input.value = text;
        }, String(value));
    else if (field.type === 'choice') await this.fillChoice(row, field, value);
    else if (field.type === 'boolean') await row.locator('input').setChecked(value);
    else await row.locator('input, textarea').first().fill(String(value));
  }

  async pickRelation(row) {
    const select = row.locator('select');
    const values = await select
      .locator('option')
      .evaluateAll((options) => options.map((option) => option.value).filter(Boolean));
    if (values.length > 0) await select.selectOption(values[0]);
  }

  form() {
    return this.$('dialog[data-view="form"]').last();
  }

  async fillForm(entity, values) {
    for (const field of entity.fields) {
      if (values[field.name] !== undefined)
        await this.fillField(this.form().locator(`[data-field="${field.name}"]`), field, values[field.name]);
    }
  }

  async save() {
    const form = this.form();
    await form.locator('[data-action="save"]').click();
    await form.waitFor({ state: 'detached' });
  }

  /** Adds record number i with every field filled; gives its id. */
  async add(entity, i) {
    const before = new Set((await this.stored(entity)).map((record) => record.id));
    await this.$('[data-action="add"]:visible').first().click();
    await this.form().waitFor();
    await this.fillForm(entity, Object.fromEntries(entity.fields.map((field) => [field.name, sample(field, i)])));
    await this.save();
    const [record] = (await this.stored(entity)).filter((one) => !before.has(one.id));
    return record.id;
  }

  async edit(id, entity, values) {
    await this.record(id).locator('[data-action="edit"]').click();
    await this.form().waitFor();
    await this.fillForm(entity, values);
    await this.save();
  }

  /** Deletes a record by its button, and says yes when asked. */
  async remove(id) {
    await this.record(id).locator('[data-action="delete"]').click();
    const yes = this.$('dialog[data-view="confirm"] [data-action="confirm"]');
    await this.page.waitForFunction(
      (one) =>
        !document.querySelector(`[data-record="${one}"]`) || document.querySelector('dialog[data-view="confirm"]'),
      id,
    );
    if ((await yes.count()) > 0) await yes.click();
    await this.record(id).waitFor({ state: 'detached' });
  }

  /** Presses an entry of the menu. */
  async menu(feature) {
    await this.$('[data-action="menu"]').click();
    await this.$(`[data-feature="${feature}"]`).click();
  }

  /** The text of the file that an entry of the menu saves, and its name. */
  async download(feature) {
    const coming = this.page.waitForEvent('download');
    await this.menu(feature);
    const download = await coming;
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return { name: download.suggestedFilename(), text: Buffer.concat(chunks).toString('utf8') };
  }

  /** Gives a file to an entry of the menu. */
  async upload(feature, name, text) {
    const coming = this.page.waitForEvent('filechooser');
    await this.menu(feature);
    await (await coming).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  }
}
