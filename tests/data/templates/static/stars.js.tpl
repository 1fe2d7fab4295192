globalThis.Stars = {{json need.id}};
