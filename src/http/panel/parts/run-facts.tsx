import type { ComponentChildren } from 'preact';
import type { RunDetail } from '../../rack-api.js';
import { bytes, dateTime } from '../format.js';
import { usePanel } from '../panel-context.js';
import { reasonText } from '../reasons.js';

/** One line of a list of facts; left out where there is nothing to say. */
export function Fact({
  term,
  children,
}: {
  readonly term: string;
  readonly children: ComponentChildren;
}) {
  if (children === null || children === '' || children === undefined) return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

/** Which handset it was and how it ended. */
export function RunFacts({ run }: { readonly run: RunDetail }) {
  const { words, language } = usePanel();
  const { terms } = words;
  const who = run.identity;
  return (
    <section class="card">
      <h2>{terms.handset}</h2>
      <dl class="facts">
        <Fact term={terms.model}>
          {[who?.manufacturer, run.model].filter((part) => part).join(' ') || terms.unknown}
        </Fact>
        <Fact term={terms.os}>
          {who?.osVersion && `${who.platform === 'apple' ? 'iOS' : 'Android'} ${who.osVersion}`}
        </Fact>
        <Fact term={terms.imei}>{run.imeis.join(' / ')}</Fact>
        <Fact term={terms.serial}>{run.serial}</Fact>
        <Fact term={terms.storage}>{who?.storageBytes ? bytes(who.storageBytes) : null}</Fact>
        <Fact term={terms.battery}>
          {who?.batteryPercent == null ? null : `${who.batteryPercent}%`}
        </Fact>
        <Fact term={terms.verdict}>{run.verdict && words.verdicts[run.verdict]}</Fact>
        <Fact term={terms.lane}>
          {run.lane && `${words.lanes[run.lane]} – ${words.laneMeans[run.lane]}`}
        </Fact>
        <Fact term={terms.reasons}>
          {run.reasons.map((reason) => reasonText(reason, words, language)).join(' / ')}
        </Fact>
        <Fact term={terms.port}>{run.port}</Fact>
        <Fact term={terms.opened}>{dateTime(run.openedAt, language)}</Fact>
        <Fact term={terms.settled}>{run.settledAt && dateTime(run.settledAt, language)}</Fact>
        <Fact term={terms.run}>{run.run}</Fact>
      </dl>
    </section>
  );
}
