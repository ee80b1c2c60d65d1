import { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import { SystemRoots } from '../../../src/simulator/android/system-root.js';

// Holds one handset until it is killed, so that a test can look at what a killed simulator leaves behind.
const [folder = ''] = process.argv.slice(2);
const handset = new SimulatedHandset(
  { profile: 'google-pixel-7', serial: 'HELD', storageBytes: 16 * 1024 * 1024 },
  { folder, systems: new SystemRoots(`${folder}/systems`) },
);
await handset.switchOn();
handset.run('setsid nohup sleep 1000 </dev/null >/dev/null 2>&1 & sleep 1000');
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
