import t from 'tap';
import { surveyUnderFaults } from './helpers/random-faults.js';

const SEED = Number(process.env['SARACHI_SEED'] ?? 20261122);

t.test('a hundred faults of air, reader and desk make no chip clear that is not', (t) =>
  surveyUnderFaults(t, 100, SEED),
);
