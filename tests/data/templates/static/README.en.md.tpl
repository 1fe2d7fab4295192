# {{md app.title}}

{{#features}}
- {{md title}}
{{/features}}
{{#not_built}}
- not built: {{md wish}} ({{md from}})
{{/not_built}}
Fields: {{#entities}}{{#fields}}{{md label}}{{#required}}*{{/required}} {{/fields}}{{/entities}}
Types: {{text field_types}}
