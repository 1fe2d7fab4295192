/*
 * choice-controls: the four ways to edit a choice: pills, a drop-down list, a line with suggestions, and tokens.
 */
(function (App) {
  'use strict';

  const listOf = (value) =>
    Array.isArray(value) ? value : value === null || value === undefined || value === '' ? [] : [value];

  /* What a record holds stays on offer, even when the model no longer lists it. */
  function offered(field, value) {
    const known = field.options || [];
    const extra = listOf(value).filter((one) => !known.some((option) => option.value === one));
    return [...known, ...extra.map((one) => ({ value: one, label: String(one) }))];
  }

  function pills(field, value, ids, kind) {
    const chosen = new Set(listOf(value));
    const options = offered(field, value);
    const canBeNone = kind === 'radio' && !field.required;
    const all = canBeNone ? [{ value: '', label: App.t('common.none') }, ...options] : options;
    const inputs = all.map((option) =>
      App.h('input', {
        type: kind,
        name: ids.id,
        value: option.value,
        checked: option.value === '' ? chosen.size === 0 : chosen.has(option.value),
      }),
    );
    const node = App.h(
      'div',
      { class: 'pills' },
      all.map((option, i) =>
        App.h(
          'label',
          { class: option.value === '' ? 'pill is-none' : 'pill' },
          inputs[i],
          App.h('span', null, option.label),
        ),
      ),
    );
    const picked = () => inputs.filter((input) => input.checked && input.value !== '').map((input) => input.value);
    return { node, isGroup: true, focus: inputs[0], read: () => (field.many ? picked() : picked()[0] || null) };
  }

  function select(field, value, ids) {
    const options = offered(field, value).map((option) =>
      App.h('option', { value: option.value, selected: option.value === value }, option.label),
    );
    const none = App.h('option', { value: '' }, field.required ? App.t('choice.pick') : App.t('common.none'));
    const node = App.h(
      'select',
      { class: 'input', id: ids.id, 'aria-describedby': ids.describedBy, required: Boolean(field.required) },
      none,
      options,
    );
    node.value = value || '';
    return { node, read: () => node.value || null };
  }

  /* The words in use, most used first. */
  function suggestions(field, entity) {
    const records = entity ? App.store.all(entity.name) : [];
    const counts = App.choiceCounts(field, records).sort((a, b) => b.count - a.count);
    return counts.slice(0, 50).map((one) => App.h('option', { value: one.label }));
  }

  function suggest(field, value, ids, entity) {
    const type = App.fields.of(field);
    const list = App.h('datalist', { id: `${ids.id}-list` }, suggestions(field, entity));
    const input = App.fields.input(ids, {
      type: 'text',
      maxlength: 60,
      list: list.id,
      value: type.isEmpty(value) ? '' : type.text(value, field),
      required: Boolean(field.required),
    });
    return { node: App.h('div', null, input, list), focus: input, read: () => type.clean(input.value, field) };
  }

  /* Enter and comma make a token; Backspace in the empty line takes the last one back. */
  function tokens(field, value, ids, entity) {
    const type = App.fields.of(field);
    let words = [...listOf(value)];
    const list = App.h('datalist', { id: `${ids.id}-list` }, suggestions(field, entity));
    const input = App.fields.input(ids, {
      type: 'text',
      maxlength: 60,
      list: list.id,
      class: 'token-input',
      placeholder: App.t('choice.type'),
    });
    const held = App.h('ul', { class: 'tokens' });
    const node = App.h('div', { class: 'input token-box' }, held, input, list);

    function draw() {
      App.fill(
        held,
        words.map((word) =>
          App.h(
            'li',
            { class: 'token' },
            type.text([word], field),
            App.h(
              'button',
              {
                type: 'button',
                class: 'token-remove',
                'aria-label': App.t('choice.remove', { word: type.text([word], field) }),
                onclick: () => drop(word),
              },
              App.icon('close'),
            ),
          ),
        ),
      );
    }
    function drop(word) {
      words = words.filter((one) => one !== word);
      draw();
      input.focus();
      node.dispatchEvent(new Event('input', { bubbles: true }));
    }
    function take() {
      const added = type.clean(input.value, field);
      if (!added || added.length === 0) return;
      words = App.uniqueWords([...words, ...added]);
      input.value = '';
      draw();
    }
    input.addEventListener('keydown', (event) => {
      if (event.isComposing) return; /* Enter that ends a Hangul syllable is not an Enter */
      if (event.key === ',' || (event.key === 'Enter' && input.value.trim() !== '')) {
        event.preventDefault();
        take();
      } else if (event.key === 'Backspace' && input.value === '' && words.length > 0) drop(words[words.length - 1]);
    });
    input.addEventListener('change', take);
    draw();
    return {
      node,
      focus: input,
      read: () => {
        take();
        return [...words];
      },
    };
  }

  App.controls = { ...App.controls, pills, select, suggest, tokens };
})((globalThis.App = globalThis.App || {}));
