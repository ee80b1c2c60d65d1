import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Every marker starts with this, so that an image can be searched for all of them in one pass. */
export const MARKER_PREFIX = 'SARACHI-PLANTED-';

const BLOCK = 64;
const PIECE = 1024 * 1024;

const MEDIA = { uid: 10123, gid: 1015 } as const;
const CONTACTS = { uid: 10010, gid: 10010 } as const;

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The host's way to /data of a running system; `owners`: whether files can be given to other users there. */
export interface DataAtHost {
  readonly path: string;
  readonly owners: boolean;
}

/** Puts a file in place, with the folder around it, under its owner. */
async function put(data: DataAtHost, path: string, bytes: Uint8Array, owner: Owner): Promise<void> {
  await mkdir(dirname(join(data.path, path)), { recursive: true, mode: 0o775 });
  await writeFile(join(data.path, path), bytes, { mode: 0o660 });
  await own(data, path, owner, 0o660);
  await own(data, dirname(path), owner, 0o775);
}

async function own(data: DataAtHost, path: string, owner: Owner, mode: number): Promise<void> {
  if (data.owners) await chown(join(data.path, path), owner.uid, owner.gid);
  await chmod(join(data.path, path), mode);
}

const DEFAULT_FOLDERS =
  'Alarms Android Audiobooks DCIM Documents Download Movies Music Notifications Pictures Podcasts Ringtones'.split(
    ' ',
  );

/** What init and the first boot lay out on a new /data. */
export async function layOutData(data: DataAtHost): Promise<void> {
  const folder = async (path: string, owner: Owner, mode: number) => {
    await mkdir(join(data.path, path), { recursive: true });
    await own(data, path, owner, mode);
  };
  await own(data, '.', { uid: 1000, gid: 1000 }, 0o771);
  await folder('local', { uid: 0, gid: 0 }, 0o751);
  await folder('local/tmp', { uid: 2000, gid: 2000 }, 0o771);
  await folder('media', { uid: 1023, gid: 1023 }, 0o770);
  await folder('media/0', { uid: 1023, gid: 1015 }, 0o775);
  for (const name of DEFAULT_FOLDERS)
    await folder(`media/0/${name}`, { uid: 1023, gid: 1015 }, 0o775);
  await folder('data', { uid: 1000, gid: 1000 }, 0o771);
  await folder('system', { uid: 1000, gid: 1000 }, 0o775);
  // A fresh system uses some storage too.
  await put(data, 'system/packages.xml', Buffer.alloc(256 * 1024, 0x20), {
    uid: 1000,
    gid: 1000,
  });
}

/**
 * Fills `share` (0 to 1) of /data with what a seller may leave: photos, a contacts database, messages. Returns every
 * marker as hex: the repeated content of each file, and what makes each file name unique.
 */
export async function plantSellersData(
  data: DataAtHost,
  share: number,
): Promise<readonly string[]> {
  const { blocks, bsize } = await statfs(data.path);
  const count = Math.max(2, Math.floor((blocks * bsize * share) / PIECE));
  const markers: string[] = [];
  const content = (bytes: number) => {
    const marker = Buffer.concat([Buffer.from(MARKER_PREFIX), randomBytes(BLOCK - 16)]);
    markers.push(marker.toString('hex'));
    return Buffer.alloc(bytes, marker);
  };
  await put(
    data,
    'data/com.android.providers.contacts/databases/contacts2.db',
    content(PIECE / 4),
    CONTACTS,
  );
  await put(
    data,
    'data/com.android.providers.telephony/databases/mmssms.db',
    content(PIECE / 4),
    CONTACTS,
  );
  for (let index = 0; index < count - 1; index += 1) {
    const name = `${MARKER_PREFIX}NAME-${randomBytes(12).toString('hex')}`;
    markers.push(Buffer.from(name).toString('hex'));
    const path = `media/0/DCIM/Camera/IMG_${name}.jpg`;
    await put(data, path, content(PIECE), MEDIA);
  }
  return markers;
}
