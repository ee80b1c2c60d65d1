import { type DemoIphone, PASSED } from './demo-handset.js';

/** The iPhones of the demo. */
export const IPHONES: readonly DemoIphone[] = [
  {
    story: 'iPhone that trusts this rack already',
    iphone: { profile: 'iphone-12-ios-18' },
    trusted: true,
    personDoes: [],
    expected: PASSED,
  },
  {
    story: 'locked iPhone; a person unlocks it and taps Trust',
    iphone: { profile: 'iphone-15-ios-26', passcode: 'locked' },
    personDoes: ['iphone-locked', 'iphone-trust'],
    expected: PASSED,
    marks: { softbank: 'circle' },
  },
  {
    story: 'iPhone with Find My on',
    iphone: { profile: 'iphone-11-ios-17', findMy: true },
    trusted: true,
    personDoes: [],
    expected: { attention: 'find-my-on' },
  },
  {
    story: 'old iPhone that does not know the order, erased through the service of backups',
    iphone: { profile: 'iphone-6-ios-12' },
    faults: { eraseAnswer: 'format-error' },
    personDoes: ['iphone-trust'],
    expected: PASSED,
    marks: { docomo: 'circle' },
  },
  {
    story: 'iPhone that acknowledges the erase and does nothing',
    iphone: { profile: 'iphone-7-ios-15' },
    faults: { eraseDoes: 'nothing' },
    trusted: true,
    personDoes: [],
    expected: { attention: 'erase-iphone-by-hand' },
  },
];
