require('node:test')('base_is_there', () => require('../js/base.js'));
