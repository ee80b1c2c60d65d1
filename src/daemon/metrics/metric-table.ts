/** How a metric grows: what Prometheus calls it. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricRow {
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
}

function row(type: MetricType, help: string, ...labels: string[]): MetricRow {
  return { type, help, labels };
}

/**
 * Every metric of the rack by name. No label ever holds what names a handset: each takes its values from a list that is
 * known at the start. What cannot be known at a scrape is NaN, never zero and never left out.
 */
export const METRICS = {
  rack_port_state: row('gauge', '1 for the state that the port is in.', 'port', 'state'),
  rack_port_held: row('gauge', '1 while a person holds the port back.', 'port'),
  rack_port_attention_seconds: row(
    'gauge',
    'How long the port has waited for a person; 0 while it does not.',
    'port',
  ),
  rack_port_stage_seconds: row(
    'gauge',
    'How long the port has been in the stage it works on, waiting in its queue included.',
    'port',
    'stage',
  ),
  rack_stage_duration_seconds: row(
    'histogram',
    'Attempts at stages that ended, by how long they took.',
    'stage',
    'os',
    'family',
  ),
  rack_stage_total: row(
    'counter',
    'Attempts at stages that ended; code is none, an error or an attention.',
    'outcome',
    'code',
  ),
  rack_verdicts_total: row('counter', 'Runs that got their verdict.', 'port', 'verdict'),
  rack_family_verdicts_total: row(
    'counter',
    'Runs that got their verdict, by the family of the handset.',
    'family',
    'verdict',
  ),
  rack_operator_actions_total: row('counter', 'What persons did at ports.', 'action'),
  rack_restriction_requests_total: row(
    'counter',
    'Answers of carriers that were asked by machine, as the ledger has them.',
    'carrier',
    'result',
  ),
  rack_restriction_tokens: row(
    'gauge',
    'Look-ups left today; NaN where the carrier is not asked by machine.',
    'carrier',
  ),
  rack_usb_disconnects_total: row('counter', 'Devices that left the bus at the port.', 'port'),
  rack_queue_depth: row('gauge', 'Jobs of the queue.', 'queue', 'state'),
  bullmq_stalled_total: row('counter', 'Jobs that Redis took away from a worker.', 'queue'),
  rack_certificates_total: row('counter', 'Certificates that were issued.'),
  rack_certificates_missing: row('gauge', 'Runs with a verdict and no certificate yet.'),
  rack_ledger_seq: row('gauge', 'The last line of the ledger.'),
  rack_dependency_up: row(
    'gauge',
    '1 where the dependency answers, as /readyz names it.',
    'dependency',
  ),
  rack_clock_synchronised: row(
    'gauge',
    '1 where the kernel says that the clock is synchronised; NaN where it cannot be asked.',
  ),
  rack_event_streams: row('gauge', 'Open streams of server-sent events: panels that live.'),
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;

/** Upper bounds of stage durations, in seconds: from a look-up to a night of overwriting. */
export const DURATION_BUCKETS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14_400] as const;
