{
  "name": {{json app.name}},
  "version": {{json app.version}},
  "private": true,
  "description": {{json app.title}},
  "scripts": {
    "test": "node --test"
  },
  "engines": {
    "node": ">=18"
  }
}
