# {{md app.title}}

브라우저에서 바로 쓰는 작은 앱입니다. 다음 요청으로 만들었습니다.

> {{md request}}

설치도, 서버도, 네트워크도 필요 없습니다. 입력한 내용은 브라우저(localStorage)에만 보관되고 밖으로 나가지 않습니다.

## 여는 방법

`index.html`을 브라우저로 여세요. Chrome·Edge 123, Firefox 125, Safari 17.5 이상이면 됩니다. 그대로 웹 서버에 올려도 됩니다.
기록은 브라우저와 페이지를 연 주소에 딸려 있으므로, 주소가 바뀌면 빈 상태로 시작합니다.

## 할 수 있는 일

{{#features}}
- **{{md title}}**: {{md text}}
{{/features}}
{{^features}}
- 기록을 추가하고, 고치고, 찾고, 지웁니다.
{{/features}}

## 보관하는 내용

{{#entities}}
### {{md label}} (`{{text name}}`)

| 항목 | 이름 | 종류 | 비고 |
| --- | --- | --- | --- |
{{#fields}}
| {{md label}} | `{{text name}}` | {{text type}} | {{#required}}필수; {{/required}}{{#role}}역할 `{{text role}}`; {{/role}}{{#target}}`{{text target}}` 연결; {{/target}}{{#options}}“{{md label}}” {{/options}}|
{{/fields}}

{{/entities}}
## 만들지 않은 것

{{#not_built}}
- {{md from}}{{#reason}}: {{md reason}}{{/reason}}
{{/not_built}}
{{^not_built}}
요청한 것은 모두 만들었습니다.
{{/not_built}}

## 파일 (읽는 순서)

1. `js/model.js`: 기록의 종류와 항목. 화면의 모든 것이 여기서 나옵니다.
2. `js/strings.js`: 화면의 문구.
3. `index.html`: 아래 파일을 이 순서로 읽습니다. 디스크에서 연 페이지는 모듈을 읽지 못하므로 보통 스크립트를 쓰고, 각 파일은
   `App`이라는 이름 하나에 자기 몫을 더합니다.
{{#components}}
   - **{{md title}}**: {{md text}}{{#files}} `{{text .}}`{{/files}}
{{/components}}

## 항목 추가하기

`js/model.js`에서 해당 종류의 `fields`에 한 줄을 쓰고 페이지를 다시 열면 됩니다. 전에 만든 기록은 그 값이 비어 있을 뿐입니다.

```js
{ "name": "pages", "label": "쪽수", "type": "number", "min": 1 }
```

이 앱이 아는 종류는 들어 있는 `js/field-*.js` 파일에 따라 다릅니다: {{text field_types}}. 새 종류는 파일 하나에서
`App.fields.define`을 한 번 더 부르고 `index.html`에 추가하면 됩니다. 종류가 가질 수 있는 것은 `js/fields.js`에 있습니다.

## 테스트

```sh
node --test
```

Node.js 18 이상이면 되고 다른 것은 필요 없습니다. `tests/model.test.js`는 앱 전체를, 나머지 파일은 같은 이름의 부분을
검사합니다.

## 파일 확인하기

```sh
sha256sum -c dist/SHA256SUMS
```

이 폴더에서 실행하면 모든 파일이 만들어진 그대로인지 알려 줍니다(macOS에서는 `shasum -a 256 -c dist/SHA256SUMS`). 고친
파일은 실패로 나옵니다. zip에서 푼 폴더에는 `dist`가 없으며, 파일과 해시의 목록은 `sbom.cdx.json`에 있습니다.
