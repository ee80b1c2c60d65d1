import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { LibusbPasori } from '../devices/pasori/libusb-pasori.js';
import { openReader } from '../devices/pasori/open-reader.js';
import type { Pause } from '../devices/pasori/reader-protocol.js';
import type { PasoriBus, PasoriDevice } from '../devices/pasori/usb-transfers.js';
import { loadLibusb } from '../devices/usb/load-libusb.js';
import { hashIdWith } from '../erasure-engines/felica/hash-id.js';
import {
  type FelicaVerdict,
  isFelicaClear,
  judgeFelica,
} from '../erasure-engines/felica/judge-felica.js';
import { survey } from '../erasure-engines/felica/survey.js';
import { type SurveyReport, surveyReportSchema } from '../erasure-engines/felica/survey-report.js';
import { asSarachiError, SarachiError } from '../errors.js';
import type { Clock } from '../wait.js';
import { type CommandIo, EXIT } from './command.js';
import { surveyText } from './felica-survey-text.js';
import { untilSignal } from './until-signal.js';

const USAGE = `Usage: sarachi felica survey [--reader PATH|N] [--json] [--before FILE]

Looks over the air at what is left on the FeliCa chip of the handset that lies on a reader, and says what that is worth.
Needs no rack and no daemon. Reads no balance, no history and no other block, and changes nothing.
リーダーの上の端末のFeliCaチップに何が残っているかを無線で調べる。残高などのブロックは読まず、何も変更しない。

  --reader PATH|N   the reader by its usb path, such as 1-4.2, or by its number among those plugged in, from 1
  --json            print one JSON object instead of text: the survey, the verdict, and the key of its ids
  --before FILE     the JSON of the survey before the clear. Without it no chip is ever clear: nothing shows that it is
                    the same one, and what was there cannot be asked for by name
  --help            this text

A JSON file holds the key that hides the chip's ids: keep it as you would keep a serial number.

Exit code: 0 clear as far as can be seen, 1 anything else, 64 wrong usage, 69 the reader cannot be used, 130 stopped.
`;

const OPEN_MS = 15_000;
const SURVEY_MS = 300_000;
const KEY_BYTES = 32;
const FILE_FORMAT = 'sarachi-felica-survey-file/1';

const fileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  idKey: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  survey: surveyReportSchema,
});

/** The desk on which a survey is made; handed in so that it may be another one. */
export interface SurveyDesk {
  readonly bus: PasoriBus;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pause?: Pause;
}

interface Given {
  readonly reader: string | undefined;
  readonly json: boolean;
  readonly before: SurveyReport | null;
  readonly key: Buffer;
}

/** `sarachi felica survey`; `args` are those after `survey`. Resolves with the exit code. */
export async function felicaSurveyCommand(
  args: string[],
  io: CommandIo,
  desk: SurveyDesk = deskOfThisHost(),
): Promise<number> {
  let given: Given;
  try {
    const read = await readArguments(args);
    if (read === 'help') {
      io.stdout.write(USAGE);
      return EXIT.ok;
    }
    given = read;
  } catch (error) {
    io.stderr.write(`sarachi felica survey: ${messageOf(error)}\n\n${USAGE}`);
    return EXIT.usage;
  }
  try {
    return await surveyOnDesk(given, io, desk);
  } catch (thrown) {
    const error = asSarachiError(thrown);
    io.stderr.write(
      `sarachi felica survey: ${error.code}: ${error.message}. See docs/errors.md#${error.code}\n`,
    );
    if (desk.signal.aborted) return EXIT.interrupted;
    if (error.code === 'bad-request') return EXIT.usage;
    return error.code === 'internal' ? EXIT.software : EXIT.unavailable;
  }
}

async function readArguments(args: string[]): Promise<Given | 'help'> {
  const { values } = parseArgs({
    args,
    options: {
      reader: { type: 'string' },
      json: { type: 'boolean', default: false },
      before: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const { reader, json } = values;
  if (values.before === undefined)
    return { reader, json, before: null, key: randomBytes(KEY_BYTES) };
  const read = fileSchema.safeParse(JSON.parse(await readFile(values.before, 'utf8')));
  if (!read.success)
    throw new TypeError(`${values.before} is not a survey: ${z.prettifyError(read.error)}`);
  return { reader, json, before: read.data.survey, key: Buffer.from(read.data.idKey, 'hex') };
}

async function surveyOnDesk(given: Given, io: CommandIo, desk: SurveyDesk): Promise<number> {
  const { clock, signal, pause } = desk;
  const device = chosen(await desk.bus.list(), given.reader);
  const paused = pause ? { pause } : {};
  const options = { signal, timeoutMs: OPEN_MS, ...paused };
  const reader = await openReader(desk.bus, device.usbPath, options);
  let after: SurveyReport;
  try {
    after = await survey(reader, {
      ...paused,
      signal,
      timeoutMs: SURVEY_MS,
      clock,
      before: given.before,
      hashId: hashIdWith(given.key),
      onRun: (run) =>
        io.stderr.write(
          `検査中 ${run}回目。端末を動かさないこと。 / Run ${run}. Do not move it.\n`,
        ),
    });
  } finally {
    await reader.close();
  }
  const verdict = judgeFelica(given.before, after);
  io.stdout.write(given.json ? asJson(given.key, after, verdict) : surveyText(after, verdict));
  return isFelicaClear(verdict.verdict) ? EXIT.ok : EXIT.failed;
}

function asJson(key: Buffer, report: SurveyReport, verdict: FelicaVerdict): string {
  const file = { format: FILE_FORMAT, idKey: key.toString('hex'), survey: report, verdict };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Errors: reader-gone for none at that place, bad-request where there are several and none was named. */
function chosen(readers: readonly PasoriDevice[], wanted: string | undefined): PasoriDevice {
  const paths = readers.map(({ usbPath }, index) => `${index + 1}: ${usbPath}`).join(', ');
  if (wanted === undefined && readers.length > 1)
    throw new SarachiError('bad-request', { reason: 'choose one with --reader', readers: paths });
  const found = readers.find(
    ({ usbPath }, index) => wanted === undefined || wanted === usbPath || wanted === `${index + 1}`,
  );
  if (!found)
    throw new SarachiError('reader-gone', { wanted: wanted ?? null, readers: paths || 'none' });
  return found;
}

function deskOfThisHost(): SurveyDesk {
  const stop = new AbortController();
  void untilSignal().then((signal) => stop.abort(new SarachiError('aborted', { signal })));
  return { bus: new LibusbPasori({ load: loadLibusb }), clock: Date.now, signal: stop.signal };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
