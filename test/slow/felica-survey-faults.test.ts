import t from 'tap';
import { surveyUnderFaults } from '../erasure-engines/felica/helpers/random-faults.js';

const SEED = Number(process.env['SARACHI_SEED'] ?? 6);
const FAULTS = Number(process.env['SARACHI_FAULTS'] ?? 10_000);

t.setTimeout(3_600_000);

t.test(`${FAULTS} faults of air, reader and desk make no chip clear that is not`, (t) =>
  surveyUnderFaults(t, FAULTS, SEED),
);
