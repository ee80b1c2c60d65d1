import type { PortEventOfHistory } from './doctor-history.js';

export interface DoctorRules {
  /** So many troubles make a finding. */
  readonly after: number;
  /** Troubles of several ports within so many milliseconds have one cause. */
  readonly burstMs: number;
  /** The controller of each port. */
  readonly controllers: ReadonlyMap<string, string>;
}

/** Whose trouble it is. `unclear`: one handset in one port, which cannot be told apart. */
export interface Finding {
  readonly whose: 'handset' | 'cable' | 'port' | 'controller' | 'host' | 'unclear';
  /** The port, controller or handset that it is about; `host` for the host. */
  readonly name: string;
  /** Where it showed, in order. */
  readonly ports: readonly string[];
  readonly troubles: number;
  readonly handsets: number;
  /** Error codes with how often, most frequent first. */
  readonly codes: readonly (readonly [code: string, times: number])[];
  /** The last trouble, in milliseconds since the epoch. */
  readonly last: number;
}

type Event = PortEventOfHistory;

/** So many openings at once are no accident of cables. */
const BURST_PORTS = 3;

/**
 * Whose the troubles of a history are. Pure. What explains more is looked for first, and what it explains is not counted again:
 * host, controller (several openings of one controller within moments, none elsewhere), handset (in trouble in several
 * openings, where others do well), then cable or port (several handsets in one opening). Nobody is blamed on one witness.
 */
export function diagnose(events: readonly Event[], rules: DoctorRules): readonly Finding[] {
  const counted = sinceMended(events);
  const hosts = hostFindings(counted, rules);
  let left = counted.filter(({ kind }) => kind === 'wire');
  const bursts = burstFindings(left, rules);
  left = left.filter((event) => !bursts.explained.has(event));
  const handsets = handsetFindings(left, counted, rules);
  left = left.filter((event) => !handsets.explained.has(event));
  return [...hosts, ...bursts.findings, ...handsets.findings, ...portFindings(left, events, rules)];
}

/** What was at a port before a person mended it says nothing of it now. */
function sinceMended(events: readonly Event[]): readonly Event[] {
  const mended = new Map<string, number>();
  for (const { kind, port, at } of events) if (kind === 'mended') mended.set(port, at);
  return events.filter(({ kind, port, at }) => kind !== 'mended' && at > (mended.get(port) ?? -1));
}

function hostFindings(events: readonly Event[], { after }: DoctorRules): Finding[] {
  const troubles = events.filter(({ kind }) => kind === 'host');
  return troubles.length >= after ? [finding('host', 'host', troubles)] : [];
}

interface Explained {
  readonly findings: Finding[];
  readonly explained: ReadonlySet<Event>;
}

function burstFindings(troubles: readonly Event[], rules: DoctorRules): Explained {
  const found = new Map<string, Set<Event>>();
  const explained = new Set<Event>();
  for (const first of troubles) {
    const together = troubles.filter(({ at }) => at >= first.at && at - first.at < rules.burstMs);
    const bursting = [
      ...grouped(together, ({ port }) => rules.controllers.get(port) ?? '?'),
    ].filter(([, those]) => new Set(those.map(({ port }) => port)).size >= BURST_PORTS);
    const name = bursting.length > 1 ? 'host' : bursting[0]?.[0];
    if (name === undefined) continue;
    const those = found.get(name) ?? new Set();
    for (const event of bursting.flatMap(([, events]) => events)) {
      those.add(event);
      explained.add(event);
    }
    found.set(name, those);
  }
  const findings = [...found].map(([name, those]) =>
    finding(name === 'host' ? 'host' : 'controller', name, [...those]),
  );
  return { findings, explained };
}

function handsetFindings(
  troubles: readonly Event[],
  all: readonly Event[],
  { after }: DoctorRules,
): Explained {
  const findings: Finding[] = [];
  const explained = new Set<Event>();
  for (const [handset, those] of grouped(troubles, (event) => event.handset)) {
    const ports = [...new Set(those.map(({ port }) => port))];
    const doWell = ports.filter((port) =>
      all.some((e) => e.port === port && e.kind === 'success' && isOther(e.handset, handset)),
    );
    // In one bad opening it may be a victim; in two, where others do well in one at least, it is not.
    if (those.length < after || ports.length < 2 || doWell.length === 0) continue;
    findings.push(finding('handset', handset, those));
    for (const event of those) explained.add(event);
  }
  return { findings, explained };
}

function portFindings(
  troubles: readonly Event[],
  events: readonly Event[],
  { after }: DoctorRules,
): Finding[] {
  const findings: Finding[] = [];
  for (const [port, those] of grouped(troubles, (event) => event.port)) {
    if (those.length < after) continue;
    const first = Math.min(...those.map(({ at }) => at));
    const well = events.filter((e) => e.port === port && e.kind === 'success' && e.at > first);
    // Handsets that do well there since speak for the opening.
    if (new Set(well.map(({ handset }) => handset)).size >= those.length) continue;
    const several = new Set(those.flatMap(({ handset }) => handset ?? [])).size > 1;
    findings.push(finding(several ? opening(port, those, events) : 'unclear', port, those));
  }
  return findings;
}

/** A handset that leaves the bus hangs on a bad contact; one that stays and is silent does not. A new cable did not help: the port. */
function opening(
  port: string,
  those: readonly Event[],
  events: readonly Event[],
): 'cable' | 'port' {
  const mendedBefore = events.some((event) => event.port === port && event.kind === 'mended');
  const gone = those.filter(({ code }) => code === 'handset-gone').length;
  return !mendedBefore && gone * 2 >= those.length ? 'cable' : 'port';
}

function isOther(one: string | null, other: string): boolean {
  return one !== null && one !== other;
}

function finding(whose: Finding['whose'], name: string, those: readonly Event[]): Finding {
  const codes = [...grouped(those, ({ code }) => code)].map(
    ([code, times]) => [code, times.length] as const,
  );
  return {
    ...{ whose, name, troubles: those.length },
    ports: [...new Set(those.map(({ port }) => port))].sort(),
    handsets: new Set(those.flatMap(({ handset }) => handset ?? [])).size,
    codes: codes.sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])),
    last: Math.max(...those.map(({ at }) => at)),
  };
}

/** Events by a key, in the order of their first; those without one are left out. */
function grouped(
  events: readonly Event[],
  keyOf: (event: Event) => string | null,
): ReadonlyMap<string, Event[]> {
  const groups = new Map<string, Event[]>();
  for (const event of events) {
    const key = keyOf(event);
    if (key === null) continue;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return groups;
}
