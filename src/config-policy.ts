import { z } from 'zod';

const resetMethod = z.enum(['trade-in', 'test-harness', 'settings-screen', 'broadcast', 'person']);

const iphoneEraseMethod = z.enum(['profile-service', 'backup-service', 'person']);

const iphone = z
  .strictObject({
    overwrite: z
      .enum(['required', 'if-served', 'off'])
      .default('required')
      .describe(
        'Whether the free storage of an iPhone is overwritten besides the erase that destroys its keys. if-served: only where the handset takes files; the certificate says what was done.',
      ),
    eraseMethods: z
      .array(iphoneEraseMethod)
      .min(1)
      .default(['profile-service', 'backup-service', 'person'])
      .describe('Allowed ways of erasing an iPhone, in the order of preference.'),
  })
  .prefault({});

/** What must hold before a handset passes, and which ways of erasing are allowed. */
export const policySection = z
  .strictObject({
    version: z
      .string()
      .max(32)
      .default('1')
      .describe('Printed on every certificate as the rules version.'),
    validationBeforeRelease: z
      .boolean()
      .default(false)
      .describe(
        'Release nothing before a second person, who did not act in the run, has accepted it. Needs http.keys: required.',
      ),
    minimumBatteryPercent: z.int().min(0).max(100).default(30),
    requireJpkiDeclaration: z
      .boolean()
      .default(false)
      .describe(
        'Ask at the port whether the smartphone certificate (JPKI) was revoked, before anything destructive.',
      ),
    acceptFelicaDeclaration: z
      .boolean()
      .default(false)
      .describe(
        "Let a person's word that the FeliCa chip was cleared count. The certificate says it was not proved.",
      ),
    requireFelicaSurvey: z
      .boolean()
      .default(false)
      .describe(
        'A handset with a FeliCa chip passes only by a survey of the chip on a reader; no declaration counts.',
      ),
    resetMethods: z
      .array(resetMethod)
      .min(1)
      .default(['trade-in', 'test-harness', 'settings-screen', 'broadcast', 'person'])
      .describe('Allowed reset methods, in the order of preference.'),
    iphone,
    askPersonToEnableDebugging: z
      .boolean()
      .default(true)
      .describe(
        'After a reset that switches debugging off, ask a person to switch it on so that the whole storage can be overwritten and the reset proved from inside.',
      ),
    minimumResetSignals: z
      .int()
      .min(3)
      .max(9)
      .default(3)
      .describe('Independent signals that must show the reset.'),
    maximumAttempts: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe('Attempts at one stage before a person is asked.'),
    pauseAboveCelsius: z
      .number()
      .min(30)
      .max(60)
      .default(45)
      .describe('The overwrite pauses above this battery temperature.'),
  })
  .prefault({});

export type ResetMethod = z.infer<typeof resetMethod>;
export type IphoneEraseMethod = z.infer<typeof iphoneEraseMethod>;
