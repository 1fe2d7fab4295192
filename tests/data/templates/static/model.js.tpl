globalThis.App = {
  info: {{json app}},
  model: {{json model}},
  strings: {{json strings}},
};
