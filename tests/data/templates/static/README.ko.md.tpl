# {{md app.title}}
{{#components}}
- {{md title}}: {{text name}} {{text version}}
{{/components}}
