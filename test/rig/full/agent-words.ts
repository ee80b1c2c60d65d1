/** What the host asks of the agent in the guest, one JSON line each. */
export type Ask =
  | { readonly op: 'time' }
  | { readonly op: 'start'; readonly config: unknown }
  | { readonly op: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | {
      readonly op: 'http';
      readonly method: 'GET' | 'POST';
      readonly path: string;
      readonly body?: unknown;
    }
  /** Only below /sys/bus/usb. */
  | { readonly op: 'write'; readonly file: string; readonly text: string }
  | { readonly op: 'usage' }
  /** The command line program, as somebody in front of the machine would type it. */
  | { readonly op: 'sarachi'; readonly args: readonly string[] }
  | { readonly op: 'off' };

export type Asked = Ask & { readonly id: number };

/** What the agent says: it is there, an answer, or that the daemon ended. */
export type Said =
  | { readonly type: 'here' }
  | { readonly type: 'ended'; readonly how: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly why: string };

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ProgramAnswer {
  readonly code: number | null;
  readonly text: string;
}

/** What the daemon's process has used. */
export interface Usage {
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  readonly handles: number;
  readonly guestFreeBytes: number;
}
