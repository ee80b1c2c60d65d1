import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import t from 'tap';
import { time } from '../../../src/devices/apple/lockdown/der.js';
import {
  decodePairRecord,
  encodePairRecord,
} from '../../../src/devices/apple/lockdown/pair-record.js';
import { makePairingCertificates } from '../../../src/devices/apple/lockdown/pairing-certificates.js';
import { binaryPlist } from '../../../src/devices/apple/plist/binary-writer.js';
import { parsePlist } from '../../../src/devices/apple/plist/plist.js';

const NOW = Date.UTC(2026, 10, 22, 1, 2, 3);
const phone = generateKeyPairSync('rsa', { modulusLength: 1024 });
const publicPem = Buffer.from(phone.publicKey.export({ type: 'pkcs1', format: 'pem' }));

t.test('OpenSSL finds the three certificates to be what a handset wants', async (t) => {
  const made = await makePairingCertificates(publicPem, NOW);
  const root = new X509Certificate(made.rootCertificate);
  const host = new X509Certificate(made.hostCertificate);
  const device = new X509Certificate(made.deviceCertificate);
  t.same([root.ca, host.ca, device.ca], [true, false, false]);
  for (const one of [root, host, device]) {
    t.ok(one.verify(root.publicKey), 'signed by the root');
    t.notOk(one.subject, 'nobody');
    t.notOk(one.issuer, 'by nobody');
    t.equal(Number(one.serialNumber), 0);
    t.equal(Date.parse(one.validFrom), NOW);
    t.equal(new Date(one.validTo).getUTCFullYear(), 2036);
  }
  t.ok(device.publicKey.equals(phone.publicKey), "the handset's own key");
  const certificate = { key: made.hostPrivateKey, cert: made.hostCertificate };
  t.ok(createSecureContext(certificate), 'key and certificate belong together');
  const record = {
    ...made,
    hostId: 'A-B',
    systemBuid: 'C',
    escrowBag: Buffer.of(1),
    wifiAddress: '00:11',
  };
  const written = encodePairRecord(record);
  t.same(decodePairRecord(written), record);
  t.same(decodePairRecord(binaryPlist(parsePlist(written))), record, 'as other tools write it');
  const bare = { ...record, escrowBag: null, wifiAddress: null };
  t.same(decodePairRecord(encodePairRecord(bare)), bare);
});

t.test('keys and records that are none', async (t) => {
  const garbage = { code: 'handset-garbage' };
  await t.rejects(makePairingCertificates(Buffer.from('no key'), NOW), garbage);
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
  await t.rejects(makePairingCertificates(Buffer.from(other), NOW), garbage);
  const unusable = { code: 'pair-record-unusable' };
  for (const text of ['', 'x', '<plist><array/></plist>', '<plist><dict/></plist>'])
    t.throws(() => decodePairRecord(Buffer.from(text)), unusable, text);
  t.equal(time(new Date(Date.UTC(2050, 0, 1))).toString('latin1', 2), '20500101000000Z');
});
