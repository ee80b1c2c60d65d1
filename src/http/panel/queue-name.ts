import type { Words } from './words/words.js';

/** What a queue waits for: a USB controller, a FeliCa reader, or another thing that is scarce. Pure. */
export function queueName(queue: string, { terms, queues }: Words): string {
  const [, kind = '', name = ''] = /^(usb|felica)-(.+)$/.exec(queue) ?? [];
  if (kind === 'usb') return `${terms.controller} ${name}`;
  if (kind === 'felica') return `${terms.reader} ${name}`;
  return queues[queue] ?? queue;
}
