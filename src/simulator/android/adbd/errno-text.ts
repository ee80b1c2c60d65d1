import { constants } from 'node:os';

/** What Android's C library says for the errors a file system gives (bionic strerror). */
const TEXTS: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EIO: 'I/O error',
  EBADF: 'Bad file descriptor',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Cross-device link',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  EMFILE: 'Too many open files',
  ENFILE: 'Too many open files in system',
  ETXTBSY: 'Text file busy',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  ENAMETOOLONG: 'File name too long',
  ELOOP: 'Too many symbolic links encountered',
  EDQUOT: 'Quota exceeded',
};

export interface FileFault {
  readonly code: string;
  /** The Linux error number, which Android shares. */
  readonly errno: number;
  readonly text: string;
}

/** What a thrown value means as an error of the file system; `null` when it is something else. */
export function fileFault(thrown: unknown): FileFault | null {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') {
    return null;
  }
  const { code } = thrown;
  const errno = new Map(Object.entries(constants.errno)).get(code);
  if (errno === undefined) return null;
  return { code, errno, text: TEXTS[code] ?? `Unknown error ${errno}` };
}
