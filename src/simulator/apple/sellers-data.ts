import { randomBytes } from 'node:crypto';

/** Every marker starts with this, so that a folder can be searched for all of them in one pass. */
export const APPLE_MARKER_PREFIX = 'SARACHI-PLANTED-';

const PIECE = 1024 * 1024;
const BLOCK = 64;

/** One file of the seller. Paths below the data volume; `deleted`: its bytes lie in free space. */
export interface PlantedFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly deleted: boolean;
}

/** What a seller may leave: photos, some of them deleted, and messages that AFC does not show. `marker` is hex. */
export function* sellersData(bytes: number): Generator<PlantedFile & { readonly marker: string }> {
  yield planted('private/Library/SMS/sms.db', PIECE / 4, false);
  yield planted('crash-reports/Safari-2023-04-01-120000.ips', 64 * 1024, false);
  const photos = Math.max(3, Math.floor(bytes / PIECE));
  for (let index = 0; index < photos; index += 1) {
    const name = `IMG_${String(index).padStart(4, '0')}.HEIC`;
    yield planted(`media/DCIM/100APPLE/${name}`, PIECE, index % 3 === 2);
  }
}

function planted(path: string, bytes: number, deleted: boolean) {
  const marker = Buffer.concat([Buffer.from(APPLE_MARKER_PREFIX), randomBytes(BLOCK - 16)]);
  return { path, bytes: Buffer.alloc(bytes, marker), deleted, marker: marker.toString('hex') };
}
