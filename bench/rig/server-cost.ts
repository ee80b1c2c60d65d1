import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';

/** What a server has cost since it was asked the last time, as its own process counts it. */
export interface ServerCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** How late a timer of the process fired, in milliseconds; its resolution is 1. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Counts from now on; each call gives what came since the last one. */
export function costMeter(): () => ServerCost {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let from = performance.now();
  let cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const ms = (nanoseconds: number) => nanoseconds / 1e6;
    const cost = {
      seconds: (performance.now() - from) / 1000,
      cpuSeconds: (user + system) / 1e6,
      residentBytes: process.memoryUsage.rss(),
      loopDelayMs: {
        p50: ms(delay.percentile(50)),
        p99: ms(delay.percentile(99)),
        max: ms(delay.max),
      },
    };
    delay.reset();
    cpu = process.cpuUsage();
    from = performance.now();
    return cost;
  };
}
