import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { HostClock, readSync } from '../../src/daemon/clock-sync.js';
import { familyOf } from '../../src/daemon/metrics/handset-family.js';
import { METRICS } from '../../src/daemon/metrics/metric-table.js';
import { type MetricSources, RackMetrics } from '../../src/daemon/metrics/rack-metrics.js';
import { SarachiError } from '../../src/errors.js';
import type { HandsetIdentity } from '../../src/handset.js';
import type { EntryType, LedgerEntry } from '../../src/ledger/entry.js';
import { grow, type RunRecord } from '../../src/pipeline/run-record.js';
import { IMEI, MemoryRack, SERIAL } from '../http/memory-rack.js';

const IDENTITY = new MemoryRack().run('run-1')?.identity;

function entry(type: EntryType, body: LedgerEntry['body'], seconds = 0): LedgerEntry {
  const at = new Date(Date.UTC(2026, 10, 2, 1, 0, seconds)).toISOString();
  return { seq: 1, at, type, run: 'run-1', port: 'P02', body, prev: '', hash: '' };
}

interface Bench {
  readonly metrics: RackMetrics;
  readonly sources: MetricSources;
  write(type: EntryType, body: LedgerEntry['body'], seconds?: number): void;
  identify(change: Partial<HandsetIdentity>): void;
}

function bench(change: Partial<MetricSources> = {}): Bench {
  const rack = new MemoryRack();
  let record: RunRecord | null = null;
  const metrics = new RackMetrics({
    ports: ['P01', 'P02'],
    queueNames: ['usb-A', 'carrier-desk'],
    recordOf: () => record,
    clock: () => Date.parse('2026-11-02T01:10:00.000Z'),
  });
  const write: Bench['write'] = (type, body, seconds) => {
    const line = entry(type, body, seconds);
    record = grow(record, line);
    metrics.wrote(line);
  };
  write('run-opened', { usbPath: '1-2', handset: `android:${SERIAL}`, policyVersion: '1' });
  return {
    metrics,
    write,
    identify: (facts) => {
      if (record && IDENTITY) record = { ...record, identity: { ...IDENTITY, ...facts } };
    },
    sources: {
      view: () => rack.view(),
      queues: () => rack.queues(),
      carriers: async () => [],
      health: () => rack.health(),
      clockSync: async () => true,
      unfinished: () => [],
      ledgerSeq: () => 17,
      ...change,
    },
  };
}

/** Each series with its value. */
async function scrape({ metrics, sources }: Bench): Promise<Map<string, number>> {
  const { text, contentType } = await metrics.text(sources, { eventStreams: 3 });
  if (!/^text\/plain; version=0\.0\.4/.test(contentType)) throw new SarachiError('internal');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1).replace('Nan', 'NaN'))];
    }),
  );
}

function rackSeries(series: ReadonlyMap<string, number>): string[] {
  return [...series.keys()].filter((name) => /^(rack|bullmq)_/.test(name)).sort();
}

t.test('every metric of the table is there from the start, with its labels and zero', async (t) => {
  const series = await scrape(bench());
  for (const [name, { labels, type }] of Object.entries(METRICS)) {
    const own = rackSeries(series).filter((one) =>
      new RegExp(`^${name}(_bucket|_sum|_count)?(\\{|$)`).test(one),
    );
    t.ok(own.length > 0, name);
    for (const one of own) {
      const used = [...one.matchAll(/(\w+)="/g)].map(([, label]) => label);
      t.same(used.filter((label) => label !== 'le').sort(), [...labels].sort(), one);
      if (type !== 'gauge') t.equal(series.get(one), 0, `${one} begins at zero`);
    }
  }
  t.equal(series.get('rack_port_state{port="P01",state="empty"}'), 1);
  t.equal(series.get('rack_port_state{port="P02",state="empty"}'), 0);
  t.equal(series.get('rack_port_state{port="P02",state="attention"}'), 1);
  t.equal(series.get('rack_port_attention_seconds{port="P02"}'), 600);
  t.equal(series.get('rack_port_attention_seconds{port="P01"}'), 0);
  t.equal(series.get('rack_queue_depth{queue="usb-A",state="waiting"}'), 2);
  t.equal(series.get('rack_dependency_up{dependency="redis"}'), 1);
  t.equal(series.get('rack_event_streams'), 3);
  t.equal(series.get('rack_ledger_seq'), 17);
  t.equal(series.get('rack_clock_synchronised'), 1);
});

t.test('what is written to the ledger is counted', async (t) => {
  const table = bench();
  table.identify({});
  table.write('stage-started', { stage: 'verify', fence: 1 }, 0);
  table.write('stage-ended', { stage: 'verify', fence: 1, outcome: { kind: 'done' } }, 20);
  table.write('stage-started', { stage: 'verify', fence: 2 }, 21);
  const again = { kind: 'again', code: 'handset-gone', detail: {} };
  table.write('stage-ended', { stage: 'verify', fence: 2, outcome: again }, 22);
  table.write('operator-acted', { action: 'retry', by: IMEI, statement: {} });
  table.write('operator-acted', { action: IMEI, by: 'x', statement: {} });
  table.write('run-settled', { verdict: 'failed', lane: 'quarantine', reasons: [] });
  table.write('certificate-issued', { sha256: 'x' });
  const answer = { carrier: 'kddi', outcome: 'parser-drift', source: 'web', imei: IMEI };
  table.write('restriction-answered', { answer, by: 'daemon', reason: 'stage' });
  table.write('restriction-answered', { answer: { ...answer, source: 'manual' }, by: 'a' });
  table.metrics.left('P01');
  table.metrics.stalled('usb-A');
  const series = await scrape(table);
  const of = '{stage="verify",os="android",family="pixel"}';
  const expected = {
    [`rack_stage_duration_seconds_count${of}`]: 2,
    [`rack_stage_duration_seconds_sum${of}`]: 21,
    'rack_stage_duration_seconds_bucket{le="15",stage="verify",os="android",family="pixel"}': 1,
    'rack_stage_total{outcome="done",code="none"}': 1,
    'rack_stage_total{outcome="again",code="handset-gone"}': 1,
    'rack_operator_actions_total{action="retry"}': 1,
    'rack_operator_actions_total{action="other"}': 1,
    'rack_verdicts_total{port="P02",verdict="failed"}': 1,
    'rack_family_verdicts_total{family="pixel",verdict="failed"}': 1,
    rack_certificates_total: 1,
    'rack_restriction_requests_total{carrier="kddi",result="parser-drift"}': 1,
    'rack_usb_disconnects_total{port="P01"}': 1,
    'bullmq_stalled_total{queue="usb-A"}': 1,
  };
  for (const [name, value] of Object.entries(expected)) t.equal(series.get(name), value, name);
});

t.test('whatever a handset says of itself, the series stay the same and name none', async (t) => {
  const table = bench();
  const before = rackSeries(await scrape(table));
  for (let fence = 1; fence <= 50; fence += 1) {
    table.identify({ manufacturer: `maker-${fence}\n"}`, model: IMEI, serial: SERIAL });
    table.write('stage-started', { stage: 'identify', fence }, 0);
    table.write('stage-ended', { stage: 'identify', fence, outcome: { kind: 'done' } }, 1);
  }
  const after = await scrape(table);
  t.same(rackSeries(after), before);
  t.ok(before.length < 2_000, `${before.length} series for two ports`);
  const all = [...after.keys()].join('\n');
  for (const name of [IMEI, SERIAL, 'maker-']) t.notOk(all.includes(name), name);
  t.equal(
    after.get('rack_stage_duration_seconds_count{stage="identify",os="android",family="other"}'),
    50,
  );
});

t.test('what cannot be known is NaN, and the rest is told all the same', async (t) => {
  const gone = async () => Promise.reject(new SarachiError('redis-gone'));
  const clockSync = async () => null;
  const series = await scrape(bench({ queues: gone, carriers: gone, health: gone, clockSync }));
  for (const name of [
    'rack_queue_depth{queue="usb-A",state="active"}',
    'rack_restriction_tokens{carrier="docomo"}',
    'rack_clock_synchronised',
  ])
    t.ok(Number.isNaN(series.get(name)), `${name} is ${series.get(name)}`);
  t.equal(series.get('rack_dependency_up{dependency="health"}'), 0);
  t.equal(series.get('rack_port_state{port="P01",state="empty"}'), 1);
});

t.test('families are few', async (t) => {
  const of = (manufacturer: string | null) =>
    IDENTITY ? familyOf({ ...IDENTITY, manufacturer }) : null;
  t.equal(of('samsung'), 'galaxy');
  t.equal(of('SHARP'), 'aquos');
  t.equal(of('FCNT LLC'), 'arrows');
  t.equal(of('Sony Mobile'), 'xperia');
  t.equal(of('samsung\n"'), 'other');
  t.equal(of(null), 'other');
  t.equal(familyOf(null), 'other');
});

/** Names of metrics in a PromQL text, without what a histogram adds to its name. */
function namesIn(promql: string): string[] {
  const bare = promql.replace(/"[^"]*"/g, '""');
  return [...bare.matchAll(/\b(?:rack|bullmq|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
}

t.test('dashboard and alerts name metrics, labels and values that exist', async (t) => {
  const series = [...(await scrape(bench())).keys()];
  const known = new Set(series.map((one) => one.replace(/\{.*/, '')));
  const read = (file: string) => readFileSync(path.join('config', 'ops', file), 'utf8');
  const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { id: number; title: string; targets: { expr: string }[] }[];
  };
  const rules = parse(read('prometheus-alerts.yml')) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  };
  const alerts = rules.groups.flatMap(({ rules: own }) => own);
  t.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
  for (const { alert, annotations } of alerts)
    t.ok(annotations['summary'] && annotations['ja'], `${alert} says it in both languages`);
  t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  const exprs = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...alerts.map(({ expr }) => expr),
  ];
  t.ok(exprs.length > 25);
  for (const expr of exprs) {
    for (const name of namesIn(expr)) t.ok(known.has(name), `${name} in ${expr}`);
    for (const [, name = '', inside = ''] of expr.matchAll(/\b(\w+)\{([^}]*)\}/g)) {
      for (const [, label, value] of inside.matchAll(/(\w+)="([^"]*)"/g)) {
        if (name === 'up' || label === 'rack') continue;
        const there = series.some(
          (one) => one.startsWith(name) && one.includes(`${label}="${value}"`),
        );
        t.ok(there, `${name}{${label}="${value}"}`);
      }
    }
  }
  const used = new Set(exprs.flatMap(namesIn).map((name) => name.replace(/_bucket$/, '')));
  for (const name of Object.keys(METRICS)) t.ok(used.has(name), `${name} is shown or watched`);
  t.notOk(known.has('rack_hub_temp_c'), 'a name that does not exist would be found');
});

t.test('the clock is as the host says, and not known where it cannot be asked', async (t) => {
  t.equal(readSync('yes\n'), true);
  t.equal(readSync('no\n'), false);
  t.equal(readSync(''), null);
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-clock-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const program = path.join(dir, 'timedatectl');
  await writeFile(program, `#!/bin/sh\necho "$*" >> ${dir}/asked\necho no\n`, { mode: 0o755 });
  let now = 1_000;
  const clock = new HostClock(() => now, program);
  t.equal(await clock.synchronised(), false);
  t.equal(await clock.synchronised(), false);
  t.equal(readFileSync(`${dir}/asked`, 'utf8').split('\n').length, 2, 'asked once');
  now += 61_000;
  await writeFile(program, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  t.equal(await clock.synchronised(), null);
  t.equal(await new HostClock(() => now, '/nonexistent/timedatectl').synchronised(), null);
});
