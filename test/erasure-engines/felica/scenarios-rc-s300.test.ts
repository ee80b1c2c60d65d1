import t from 'tap';
import { playAll } from './helpers/play-scenario.js';

t.test('every scenario gives exactly its expected verdict on an RC-S300', (t) =>
  playAll(t, 'RC-S300/S'),
);
