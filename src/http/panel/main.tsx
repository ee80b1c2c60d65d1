import { render } from 'preact';
import { App } from './app.js';

const root = document.getElementById('panel');
if (root) render(<App />, root);
