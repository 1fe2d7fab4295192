<!doctype html>
<html lang="{{html app.lang}}">
<head>
<title>{{html app.title}}</title>
{{#styles}}
<link rel="stylesheet" href="{{html .}}">
{{/styles}}
{{#scripts}}
<script src="{{html .}}"></script>
{{/scripts}}
<script src="js/model.js"></script>
</head>
<body><noscript>{{html noscript}}</noscript></body>
</html>
