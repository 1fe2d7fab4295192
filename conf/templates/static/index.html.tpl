<!doctype html>
<html lang="{{html app.lang}}" data-accent="{{html app.accent}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="tdev">
<title>{{html app.title}}</title>
{{#styles}}
<link rel="stylesheet" href="{{html .}}">
{{/styles}}
<script defer src="js/model.js"></script>
<script defer src="js/strings.js"></script>
{{#scripts}}
<script defer src="{{html .}}"></script>
{{/scripts}}
</head>
<body>
<div id="app"></div>
<noscript>{{html noscript}}</noscript>
</body>
</html>
