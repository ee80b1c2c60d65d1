import type { Words } from './words/words.js';

/** What a queue waits for: a USB controller, or another thing that is scarce. Pure. */
export function queueName(queue: string, { terms, queues }: Words): string {
  const controller = /^usb-(.+)$/.exec(queue)?.[1];
  return controller === undefined ? (queues[queue] ?? queue) : `${terms.controller} ${controller}`;
}
