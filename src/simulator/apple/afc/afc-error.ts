import { AFC_ERROR } from './packet.js';

/** An operation that the phone refuses, by its number. */
export class AfcError extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`AFC error ${code}`);
    this.code = code;
  }
}

const BY_ERRNO: Readonly<Record<string, number>> = {
  ENOENT: AFC_ERROR.notFound,
  ENOTDIR: AFC_ERROR.notFound,
  EISDIR: AFC_ERROR.isDirectory,
  EACCES: AFC_ERROR.denied,
  EPERM: AFC_ERROR.denied,
  EBADF: AFC_ERROR.denied,
  EEXIST: AFC_ERROR.exists,
  ENOTEMPTY: AFC_ERROR.notEmpty,
  ENAMETOOLONG: AFC_ERROR.invalidArgument,
  EINVAL: AFC_ERROR.invalidArgument,
};

/** The number for whatever went wrong while an operation was carried out. */
export function afcErrorOf(thrown: unknown): number {
  if (thrown instanceof AfcError) return thrown.code;
  const errno = (thrown as NodeJS.ErrnoException | null)?.code ?? '';
  return BY_ERRNO[errno] ?? AFC_ERROR.io;
}
