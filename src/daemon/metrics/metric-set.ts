import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { DURATION_BUCKETS, METRICS, type MetricName } from './metric-table.js';

type Labels = Readonly<Record<string, string>>;

/** The metrics of one daemon in a registry of its own, with its process's beside them. */
export class MetricSet {
  readonly #registry = new Registry();
  readonly #made = new Map<MetricName, Counter | Gauge | Histogram>();

  constructor() {
    const registers = [this.#registry];
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const { type, help, labels } = METRICS[name];
      const options = { name, help, labelNames: labels, registers };
      if (type === 'counter') this.#made.set(name, new Counter(options));
      else if (type === 'gauge') this.#made.set(name, new Gauge(options));
      else this.#made.set(name, new Histogram({ ...options, buckets: [...DURATION_BUCKETS] }));
    }
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Adds to a counter; 0 makes its series appear. */
  add(name: MetricName, labels: Labels, by = 1): void {
    const metric = this.#made.get(name);
    if (metric instanceof Counter) metric.inc(labels, by);
  }

  set(name: MetricName, labels: Labels, value: number): void {
    const metric = this.#made.get(name);
    if (metric instanceof Gauge) metric.set(labels, value);
  }

  /** Counts a duration in seconds. */
  observe(name: MetricName, labels: Labels, seconds: number): void {
    const metric = this.#made.get(name);
    if (metric instanceof Histogram) metric.observe(labels, seconds);
  }

  /** Makes the series of a histogram appear with nothing in it. */
  zero(name: MetricName, labels: Labels): void {
    const metric = this.#made.get(name);
    if (metric instanceof Histogram) metric.zero(labels);
  }

  /** Forgets all series of a gauge: for labels that come and go. */
  clear(name: MetricName): void {
    this.#made.get(name)?.reset();
  }

  /** In the text format of Prometheus, version 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
