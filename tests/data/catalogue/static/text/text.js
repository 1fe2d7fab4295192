globalThis.Text = 'text';
