import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { noFaults } from '../../../src/simulator/android/faults.js';
import { AndroidSystem } from '../../../src/simulator/android/system.js';
import { SystemRoots } from '../../../src/simulator/android/system-root.js';

t.test('a handset that saves twice at once loses neither state nor itself', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-state-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const system = new AndroidSystem({
    spec: { profile: 'google-pixel-9', condition: 'in-use' },
    serial: 'HANDSET1',
    folder,
    systems: new SystemRoots(path.join(folder, 'systems')),
    privileged: false,
    faults: noFaults(),
    restart: () => undefined,
    changed: () => undefined,
  });
  const saves = Array.from({ length: 20 }, (_, count) => {
    system.update((state) => ({ ...state, bootId: `boot ${count}` }));
    return system.save();
  });
  await Promise.all(saves);
  const saved = await readFile(path.join(folder, 'state.json'), 'utf8');
  t.equal(JSON.parse(saved).bootId, 'boot 19');
});
