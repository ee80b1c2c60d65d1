// What the daemon loads: how often V8 collects garbage depends on how much a process has loaded.
import '../../src/daemon/start-daemon.js';
import path from 'node:path';
import { SimulatedIphone } from '../../src/simulator/apple/iphone.js';
import { SimulatedUsbmuxd } from '../../src/simulator/apple/usbmux/usbmuxd.js';
import { MuxCable } from '../../src/simulator/mux-cable.js';
import { serveJobs } from './child.js';
import { serveCopies } from './tls-copy.js';

export interface PhoneJob {
  readonly folder: string;
  readonly storageBytes: number;
}

/** The sockets of its usbmuxd, and of the other side of bare TLS. */
export interface PhoneReady {
  readonly usbmuxd: string;
  readonly tls: string;
}

/** A process of its own for a simulated iPhone, the usbmuxd that it hangs on, and the other side of bare TLS. */
serveJobs<PhoneJob, PhoneReady>(async ({ folder, storageBytes }) => {
  const socket = path.join(folder, 'usbmuxd');
  const usbmuxd = new SimulatedUsbmuxd({
    socket,
    records: path.join(folder, 'records'),
  });
  await usbmuxd.start();
  const phone = new SimulatedIphone(
    { profile: 'iphone-12-ios-18', storageBytes, plantedShare: 0, filesInMemory: true },
    { folder: path.join(folder, 'phone') },
  );
  await phone.switchOn();
  phone.person.trustsAlways();
  const address = () => ({ bus: 1, device: 9 });
  await new MuxCable({ iphone: phone, usbmuxd, address }).show(phone.face());
  const tls = path.join(folder, 'tls');
  await serveCopies(tls);
  return { usbmuxd: socket, tls };
});
