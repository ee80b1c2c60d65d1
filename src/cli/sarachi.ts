#!/usr/bin/env node
import process from 'node:process';
import { configJsonSchema } from '../config.js';
import { VERSION } from '../version.js';
import { type CommandIo, EXIT } from './command.js';

const USAGE = `Usage: sarachi <command> [options]

  start           run the daemon on this machine's USB bus      (--config FILE)
  demo            run it on a simulated rack                    (--handsets N, --until-settled)
  doctor          say what is wrong with this host, and what to do (--config FILE, --json)
  learn           map USB paths to ports with one phone         (--ports N --out FILE)
  verify          check a certificate without any network       (CERT.json --key PUB.pem)
  ledger verify   check the chain of a state folder's ledger    (--state DIR)
  felica survey   what is left on a FeliCa chip on a reader     (--reader PATH|N, --before FILE, --json)
  keys            make, list and revoke keys of the API         (add|list|revoke --state DIR)
  config schema   print the JSON Schema of the configuration file

  sarachi <command> --help says more; sarachi --version prints the version.
`;

/** Commands are loaded when they are asked for, so that checking a certificate does not start a USB library. */
const COMMANDS: Record<string, (args: string[], io: CommandIo) => Promise<number>> = {
  start: async (args, io) => (await import('./start.js')).startCommand(args, io),
  demo: async (args, io) => (await import('./demo.js')).demoCommand(args, io),
  doctor: async (args, io) => (await import('./doctor/doctor-command.js')).doctorCommand(args, io),
  learn: async (args, io) => (await import('./learn/learn-command.js')).learnCommand(args, io),
  verify: async (args, io) => (await import('./verify.js')).verifyCommand(args, io),
  'ledger verify': async (args, io) =>
    (await import('./ledger-verify.js')).ledgerVerifyCommand(args, io),
  'felica survey': async (args, io) =>
    (await import('./felica-survey.js')).felicaSurveyCommand(args, io),
  keys: async (args, io) => (await import('./keys.js')).keysCommand(args, io),
  'config schema': async (_args, io) => {
    io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return EXIT.ok;
  },
};

async function main(argv: string[], io: CommandIo): Promise<number> {
  const [first = '', second = ''] = argv;
  if (first === '--version') {
    io.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const one = COMMANDS[first];
  if (one) return one(argv.slice(1), io);
  const two = COMMANDS[`${first} ${second}`];
  if (two) return two(argv.slice(2), io);
  const asked = first === '--help' || first === '-h' || first === 'help';
  (asked ? io.stdout : io.stderr).write(
    asked || first === '' ? USAGE : `sarachi: there is no command "${first}"\n\n${USAGE}`,
  );
  return asked ? EXIT.ok : EXIT.usage;
}

process.exitCode = await main(process.argv.slice(2), process);
