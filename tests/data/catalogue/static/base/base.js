globalThis.Base = { half: (n) => n / 2, word: /[/'"]+/g };
