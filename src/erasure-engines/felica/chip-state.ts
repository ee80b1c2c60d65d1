import type { IssueInformation } from '../../devices/felica/card-answers.js';
import type { ChipState } from './survey-report.js';

const CLEARING = 0x80;

/**
 * The chip's state by its issue information, without knowing the carrier that issued it: all zeros is the initial state,
 * the top bit of the carrier code marks a clear that did not end. Source: the おサイフケータイ app 36, as observed.
 */
export function chipStateOf(info: IssueInformation): ChipState {
  if (/^0+$/.test(info.raw)) return 'UNINITIALISED';
  const first = Number.parseInt(info.carrier.slice(0, 2), 16);
  return (first & CLEARING) !== 0 ? 'CLEAR_IN_PROGRESS' : 'INITIALISED';
}
