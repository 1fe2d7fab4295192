# {{md app.title}}

A small app that runs in a browser, made from this request:

> {{md request}}

It needs no installation, no server and no network. What you enter is kept in your browser (localStorage) and goes
nowhere else.

## Open it

Open `index.html` in a browser: Chrome or Edge 123, Firefox 125, Safari 17.5, or newer. It may also be put on any web
server as it is. Records belong to the browser and the place the page was opened from: a page moved to another address
begins empty.

## What it does

{{#features}}
- **{{md title}}**: {{md text}}
{{/features}}
{{^features}}
- Add, edit, find and delete records.
{{/features}}

## What it keeps

{{#entities}}
### {{md label}} (`{{text name}}`)

| Field | Name | Type | Notes |
| --- | --- | --- | --- |
{{#fields}}
| {{md label}} | `{{text name}}` | {{text type}} | {{#required}}required; {{/required}}{{#role}}role `{{text role}}`; {{/role}}{{#target}}points at `{{text target}}`; {{/target}}{{#options}}“{{md label}}” {{/options}}|
{{/fields}}

{{/entities}}
## Not built

{{#not_built}}
- {{md from}}{{#reason}}: {{md reason}}{{/reason}}
{{/not_built}}
{{^not_built}}
Nothing that was asked for was left out.
{{/not_built}}

## The files, in reading order

1. `js/model.js`: the entities and fields. Everything on the page follows from it.
2. `js/strings.js`: the texts of the page.
3. `index.html`: loads the files below in this order. Classic scripts, since a page opened from disk cannot load modules;
   each adds its part to the one name `App`.
{{#components}}
   - **{{md title}}**: {{md text}}{{#files}} `{{text .}}`{{/files}}
{{/components}}

## Add a field

Write it into the entity's `fields` in `js/model.js` and open the page again; records made before simply have no value:

```js
{ "name": "pages", "label": "Pages", "type": "number", "min": 1 }
```

The types an app knows are the files `js/field-*.js` that it carries: {{text field_types}}. A new type is one more call of
`App.fields.define` in a file of its own, added to `index.html`; `js/fields.js` says what a type may have.

## Tests

```sh
node --test
```

needs Node.js 18 or newer and nothing else. `tests/model.test.js` holds for the app as a whole; every other file there
belongs to the part of the same name.

## Check the files

```sh
sha256sum -c dist/SHA256SUMS
```

in this folder says whether every file is as it was built (on macOS: `shasum -a 256 -c dist/SHA256SUMS`). A file that you
changed is told as failed. What came out of the zip has no `dist` folder: its files are listed with their hashes in
`sbom.cdx.json`.
