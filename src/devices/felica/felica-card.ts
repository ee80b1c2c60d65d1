import type { WaitOptions } from '../../wait.js';
import * as answers from './card-answers.js';
import * as commands from './card-commands.js';
import { cardTimeoutMs, pollTimeoutMs, type TimingClass } from './card-timing.js';
import { type CardTarget, type Idm, SILENCE, type Silence } from './card-values.js';
import type { FelicaReader } from './felica-reader.js';

/** How one command is sent and its answer read. */
interface Question<T> {
  readonly frame: Uint8Array;
  readonly cardTimeoutMs: number;
  readonly parse: (answer: Uint8Array) => T;
}

/**
 * The commands that name what is on a chip, without reading any of it. Every method answers `SILENCE` when the card
 * did not answer, and asks once: whoever judges must see each fault, so nothing is tried again behind its back.
 * Errors of all: card-protocol, rf-fault, those of the reader.
 */
export class FelicaCard {
  readonly #reader: FelicaReader;

  constructor(reader: FelicaReader) {
    this.#reader = reader;
  }

  /** Selects the system that answers. `requestCode` 1 asks it for its code. */
  poll(request: commands.PollRequest, wait: WaitOptions): Promise<answers.PollAnswer | Silence> {
    return this.#ask(wait, {
      frame: commands.encodePolling(request),
      cardTimeoutMs: pollTimeoutMs(request.timeSlot ?? 0),
      parse: (answer) => answers.parsePolling(answer, request),
    });
  }

  /** Codes of all systems, a set rather than a list. */
  requestSystemCode(card: CardTarget, wait: WaitOptions): Promise<readonly number[] | Silence> {
    return this.#ask(wait, {
      frame: commands.encodeRequestSystemCode(card.idm),
      cardTimeoutMs: timeFor(card, 'fixed'),
      parse: (answer) => answers.parseRequestSystemCode(answer, card.idm),
    });
  }

  /** The entry at `index`, from 0, of the directory of the selected system. */
  searchServiceCode(
    card: CardTarget,
    index: number,
    wait: WaitOptions,
  ): Promise<answers.DirectoryEntry | Silence> {
    return this.#ask(wait, {
      frame: commands.encodeSearchServiceCode(card.idm, index),
      cardTimeoutMs: timeFor(card, 'fixed'),
      parse: (answer) => answers.parseSearchServiceCode(answer, card.idm),
    });
  }

  /** Key versions of 1 to 32 nodes in the order asked; null: no such node. */
  requestService(
    card: CardTarget,
    nodes: readonly number[],
    wait: WaitOptions,
  ): Promise<readonly (number | null)[] | Silence> {
    return this.#ask(wait, {
      frame: commands.encodeRequestService(card.idm, nodes),
      cardTimeoutMs: timeFor(card, 'request-service', nodes.length),
      parse: (answer) => answers.parseRequestService(answer, card.idm, nodes.length),
    });
  }

  /** One page, from 1, of what lies below area `parent`. Unknown to older chips, which are silent. */
  requestCodeList(
    card: CardTarget,
    page: { readonly parent: number; readonly index: number },
    wait: WaitOptions,
  ): Promise<answers.CodeListPage | answers.Refusal | Silence> {
    return this.#ask(wait, {
      frame: commands.encodeRequestCodeList(card.idm, page.parent, page.index),
      cardTimeoutMs: timeFor(card, 'other', 1),
      parse: (answer) => answers.parseRequestCodeList(answer, card.idm),
    });
  }

  /** Blocks of 1 to 60 nodes, in the order asked. Unknown to some chips, which are silent. */
  requestBlockInformationEx(
    card: CardTarget,
    nodes: readonly number[],
    wait: WaitOptions,
  ): Promise<answers.BlockInformation | answers.Refusal | Silence> {
    return this.#ask(wait, {
      frame: commands.encodeRequestBlockInformationEx(card.idm, nodes),
      cardTimeoutMs: timeFor(card, 'other', nodes.length),
      parse: (answer) => answers.parseRequestBlockInformationEx(answer, card.idm, nodes.length),
    });
  }

  /** Of the container, whose target is that of the poll for FE0F. Chips that are silent to one form may know the other. */
  async getContainerIssueInformation(
    card: CardTarget,
    wait: WaitOptions,
  ): Promise<answers.IssueInformation | Silence> {
    const ask = (form: 'long' | 'short') =>
      this.#ask(wait, {
        frame: commands.encodeGetContainerIssueInformation(card.idm, form),
        cardTimeoutMs: timeFor(card, 'fixed'),
        parse: (answer) => answers.parseContainerIssueInformation(answer, card.idm),
      });
    const answer = await ask('long');
    return answer === SILENCE ? ask('short') : answer;
  }

  /** The container's own IDm. `card` is only looked at for its time: the command names nobody. */
  getContainerId(card: CardTarget, wait: WaitOptions): Promise<Idm | Silence> {
    return this.#ask(wait, {
      frame: commands.encodeGetContainerId(),
      cardTimeoutMs: timeFor(card, 'fixed'),
      parse: answers.parseContainerId,
    });
  }

  /** The mode that the chip is in; 0 is that after power-on. */
  requestResponse(card: CardTarget, wait: WaitOptions): Promise<0 | 1 | 2 | 3 | Silence> {
    return this.#ask(wait, {
      frame: commands.encodeRequestResponse(card.idm),
      cardTimeoutMs: timeFor(card, 'fixed'),
      parse: (answer) => answers.parseRequestResponse(answer, card.idm),
    });
  }

  async #ask<T>(wait: WaitOptions, question: Question<T>): Promise<T | Silence> {
    const answer = await this.#reader.exchange(question.frame, {
      signal: wait.signal,
      timeoutMs: wait.timeoutMs,
      cardTimeoutMs: question.cardTimeoutMs,
    });
    return answer === null ? SILENCE : question.parse(answer);
  }
}

function timeFor(card: CardTarget, timing: TimingClass, units = 0): number {
  return cardTimeoutMs(card.pmm, timing, units);
}
