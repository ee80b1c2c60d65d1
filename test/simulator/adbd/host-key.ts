import { constants, generateKeyPairSync, type KeyObject, privateEncrypt } from 'node:crypto';

export interface HostKey {
  readonly publicBase64: string;
  readonly sign: (token: Buffer) => Buffer;
}

/** A fresh 2048-bit key in adb's own public format, computed here from the definition of its fields. */
export function makeHostKey(): HostKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    publicBase64: adbFormat(publicKey).toString('base64'),
    sign: (token) =>
      privateEncrypt(
        { key: privateKey, padding: constants.RSA_PKCS1_PADDING },
        Buffer.concat([Buffer.from('3021300906052b0e03021a05000414', 'hex'), token]),
      ),
  };
}

function adbFormat(key: KeyObject): Buffer {
  const n = BigInt(
    `0x${Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`,
  );
  const word = 2n ** 32n;
  let inverse = 1n;
  for (let bits = 1; bits < 32; bits *= 2) inverse = (inverse * (2n - n * inverse)) % word;
  const bytes = Buffer.alloc(524);
  bytes.writeUInt32LE(64, 0);
  bytes.writeUInt32LE(Number(BigInt.asUintN(32, -inverse)), 4);
  littleEndian(n).copy(bytes, 8);
  littleEndian(2n ** 4096n % n).copy(bytes, 264);
  bytes.writeUInt32LE(65537, 520);
  return bytes;
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(512, '0'), 'hex').reverse();
}
