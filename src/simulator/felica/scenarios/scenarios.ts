import { CARDS } from '../chip/cards.js';
import { type ChipState, withQuirks, withSystem } from '../chip/chip-state.js';
import { clearChip, clearedChip, clearInProgress } from '../chip/clear-chip.js';
import { COMMAND } from '../chip/generations.js';
import { showingAs } from '../chip/nodes.js';
import {
  COMMON_SYSTEM,
  cleanPhone,
  OTHER_PIXEL,
  PIXEL,
  RESIDUE,
  withResidue,
  withTransit,
} from '../chip/phones.js';
import { type FelicaScenario, scenario } from './scenario.js';

const CLEAN = cleanPhone();
const NANACO = withResidue(CLEAN, RESIDUE.nanaco);
const SUICA = withTransit(CLEAN, RESIDUE.suica);
const IPHONE = withTransit(cleanPhone('apple', { ...PIXEL, model: 'FeliCaApp' }), RESIDUE.suica);
const CLEAN_30 = cleanPhone('mobile-3.0');
/** Services that the owner masked: no listing and no probe shows them, but their blocks are missing. */
const MASKED_30 = withNodes(withResidue(CLEAN_30, RESIDUE.nanaco), 'never');

function withNodes(state: ChipState, shows: 'probed' | 'never'): ChipState {
  return withSystem(state, COMMON_SYSTEM, (common) => ({
    ...common,
    nodes: showingAs(common.nodes, shows),
    blocks: shows === 'probed' ? null : common.blocks,
  }));
}

const RF_ONLY = { verdict: 'CLEAR_RF', withSecondLeg: 'CLEAR' } as const;
/** In the middle of a survey, whatever its exact order. */
const HALF_WAY = 40;

/** Every state of a chip, and everything that happens on the desk, that a residual survey must judge right. */
export const FELICA_SCENARIOS: readonly FelicaScenario[] = [
  scenario(
    'clean41',
    CLEAN,
    { ...RF_ONLY, words: 'CLEAR_RF (CLEAR with second leg)' },
    { before: NANACO },
  ),
  scenario('dirty-nanaco', NANACO, { verdict: 'RESIDUAL', withoutBefore: 'RESIDUAL' }),
  scenario('dirty-suica-0003', SUICA, { verdict: 'RESIDUAL', withoutBefore: 'RESIDUAL' }),
  scenario(
    'root-only-0003',
    withTransit(CLEAN),
    { verdict: 'CLEAR_RF', words: 'CLEAR_RF, 0003 reported' },
    { before: SUICA },
  ),
  scenario(
    'clear-in-progress',
    { ...CLEAN, issueInfo: CLEAN.issueInfo && clearInProgress(CLEAN.issueInfo) },
    { verdict: 'INCONCLUSIVE', withoutBefore: 'INCONCLUSIVE', words: 'INCONCLUSIVE, re-run clear' },
    { before: NANACO },
  ),
  scenario(
    'uninitialised-zero',
    clearedChip(NANACO, 'uninitialised'),
    { verdict: 'CLEAR_INITIAL', words: 'CLEAR_INITIAL if the before-run was personalised' },
    { before: NANACO },
  ),
  scenario(
    'unpersonalised-ffff',
    clearedChip(NANACO, 'unpersonalised'),
    {
      verdict: 'CLEAR_INITIAL',
      withoutBefore: 'INCONCLUSIVE',
      words: 'CLEAR_INITIAL if the before-run was personalised, else INCONCLUSIVE',
    },
    { before: NANACO },
  ),
  scenario('rcl-lies-ssc-shows', withQuirks(NANACO, { codeListShowsRootOnly: true }), {
    verdict: 'RESIDUAL',
    withoutBefore: 'RESIDUAL',
  }),
  scenario(
    'ssc-refused',
    withQuirks(CLEAN, { silentTo: [COMMAND.searchServiceCode] }),
    {
      verdict: 'INCONCLUSIVE',
      words:
        'INCONCLUSIVE unless RCL + block info + directed probes complete; never CLEAR by default',
    },
    { before: NANACO },
  ),
  scenario(
    'hidden-node-only-request-service',
    withNodes(NANACO, 'probed'),
    { verdict: 'RESIDUAL' },
    { before: NANACO },
  ),
  scenario(
    'background-cid',
    clearChip(SUICA, 'initialised', 'leaves-background-instance'),
    { verdict: 'CLEAR_RF', words: 'CLEAR_RF, not CLEAR' },
    { before: SUICA },
  ),
  scenario(
    'idm-swapped',
    cleanPhone('mobile-4.1', OTHER_PIXEL),
    { verdict: 'INCONCLUSIVE' },
    { before: NANACO },
  ),
  scenario(
    'plastic-suica',
    CARDS.suica,
    { verdict: 'WRONG_TARGET', withoutBefore: 'WRONG_TARGET' },
    { what: 'card' },
  ),
  scenario(
    'mode1-stuck',
    withQuirks(CLEAN, { mode: 1 }),
    { verdict: 'INCONCLUSIVE' },
    { before: NANACO },
  ),
  scenario(
    'locked-silent',
    CLEAN,
    { verdict: 'NO_CHIP_RESPONSE', withoutBefore: 'NO_CHIP_RESPONSE' },
    { before: NANACO, condition: { felicaLock: true } },
  ),
  scenario(
    'phone-lifted',
    CLEAN,
    { verdict: 'INCONCLUSIVE' },
    { before: NANACO, event: { exchange: HALF_WAY, does: 'lifted' } },
  ),
  scenario(
    'iphone',
    IPHONE,
    { verdict: 'covered-by-reset', words: 'covered-by-reset; RF not used' },
    { what: 'iphone' },
  ),
  scenario(
    'reader-unplugged',
    CLEAN,
    { verdict: 'INCONCLUSIVE', words: 'INCONCLUSIVE, job resumable' },
    { before: NANACO, event: { exchange: HALF_WAY, does: 'reader-unplugged' } },
  ),
  scenario(
    'mobile30-blocks-0-of-1275',
    CLEAN_30,
    { verdict: 'CLEAR_RF', words: 'CLEAR_RF; whether RF alone earns CLEAR is policy' },
    { before: withResidue(CLEAN_30, RESIDUE.nanaco) },
  ),
  scenario('mobile30-blocks-used', MASKED_30, { verdict: 'RESIDUAL', withoutBefore: 'RESIDUAL' }),
  scenario(
    'iphone-transit-after-erase',
    IPHONE,
    { verdict: 'RESIDUAL', words: 'RESIDUAL: a transit card answers after the erase' },
    { what: 'iphone', expressAfter: true },
  ),
  scenario(
    'swapped-half-way',
    CLEAN,
    { verdict: 'INCONCLUSIVE' },
    { before: NANACO, event: { exchange: HALF_WAY, does: 'swapped-for-other' } },
  ),
  scenario(
    'two-handsets',
    CLEAN,
    { verdict: 'INCONCLUSIVE', words: 'INCONCLUSIVE, two things in the field' },
    { before: NANACO, beside: cleanPhone('mobile-4.1', OTHER_PIXEL) },
  ),
];
