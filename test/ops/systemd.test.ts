import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { EXIT } from '../../src/cli/command.js';

/** Of `systemd-analyze security`, in tenths: what the unit reaches today and may not get worse than. */
const MOST_EXPOSURE: Readonly<Record<string, number>> = {
  'sarachi.service': 20,
  'sarachi-usbmuxd.service': 47,
};

function has(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((dir) => existsSync(path.join(dir, program)));
}

function needs(program: string): { skip?: string } {
  return has(program) ? {} : { skip: `${program} is not installed here` };
}

function needsRoot(program: string): { skip?: string } {
  return process.getuid?.() === 0 ? needs(program) : { skip: 'only root can make users' };
}

interface Done {
  readonly code: number;
  readonly said: string;
}

function run(program: string, ...args: string[]): Promise<Done> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: stdout + stderr });
    });
  });
}

async function folder(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-units-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function read(name: string): string {
  return readFileSync(path.join('systemd', name), 'utf8');
}

/** Settings of a unit; of a name that stands twice the last one. */
function settings(name: string): ReadonlyMap<string, string> {
  const lines = read(name).split('\n');
  const pairs = lines.flatMap((line): [string, string][] => {
    const found = /^([A-Za-z]+)=(.*)$/.exec(line);
    return found ? [[found[1] ?? '', found[2] ?? '']] : [];
  });
  return new Map(pairs);
}

/** The units with programs that are there, so that only the units themselves are judged. */
async function unitsIn(dir: string, change: (text: string) => string = (text) => text) {
  const names = Object.keys(MOST_EXPOSURE);
  for (const name of names) {
    const text = read(name)
      .replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`)
      .replace('ExecStart=/usr/sbin/usbmuxd', 'ExecStart=/bin/true');
    await writeFile(path.join(dir, name), change(text));
  }
  return names.map((name) => path.join(dir, name));
}

t.test('systemd finds nothing wrong with the units', needs('systemd-analyze'), async (t) => {
  const good = await run(
    'systemd-analyze',
    'verify',
    '--man=no',
    ...(await unitsIn(await folder(t))),
  );
  t.same(good, { code: 0, said: '' });
  const broken = await unitsIn(await folder(t), (text) =>
    text.replace('WatchdogSec=30', 'WatchdogSec=soon'),
  );
  const bad = await run('systemd-analyze', 'verify', '--man=no', ...broken);
  t.match(bad.said, /Failed to parse sec value.*soon/, 'and it would');
});

t.test(
  'the units are no more exposed than they have to be',
  needs('systemd-analyze'),
  async (t) => {
    const units = await unitsIn(await folder(t));
    for (const unit of units) {
      const name = path.basename(unit);
      const threshold = `--threshold=${MOST_EXPOSURE[name]}`;
      const { code, said } = await run(
        'systemd-analyze',
        'security',
        '--offline=true',
        threshold,
        unit,
      );
      t.equal(code, 0, `${name}: ${said.trim().split('\n').at(-1)}`);
    }
    const [open = ''] = await unitsIn(await folder(t), (text) =>
      text.replace(/^(Protect|Restrict|SystemCall|Capability|NoNew|Device).*$/gm, ''),
    );
    const bare = await run('systemd-analyze', 'security', '--offline=true', '--threshold=20', open);
    t.not(bare.code, 0, 'a bare unit would be found');
  },
);

t.test('the service fits the daemon', async (t) => {
  const unit = settings('sarachi.service');
  t.equal(unit.get('Type'), 'notify');
  t.equal(unit.get('NotifyAccess'), 'all', 'systemd-notify is a child');
  t.ok(Number(unit.get('WatchdogSec')) >= 20, 'three beats of a loaded rack');
  t.equal(unit.get('RestartPreventExitStatus'), `${EXIT.usage} ${EXIT.config}`);
  t.equal(unit.get('PrivateDevices'), undefined, 'USB has to be seen');
  const [, command = ''] = /sarachi\.js (\w+) --config/.exec(unit.get('ExecStart') ?? '') ?? [];
  t.equal(command, 'start');
  const bin = (JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { sarachi: string } })
    .bin;
  t.ok(unit.get('ExecStart')?.includes(`/opt/sarachi/${bin.sarachi}`), 'the built program');
  const mux = settings('sarachi-usbmuxd.service').get('ExecStart') ?? '';
  t.match(mux, /--foreground/);
  t.notMatch(mux, /--enable-exit|--systemd|--udev/, 'it stays when the last iPhone goes');
});

t.test('the daemon is stopped first and alone, and its lights last', async (t) => {
  const unit = settings('sarachi.service');
  t.equal(unit.get('KillMode'), 'control-group', 'mixed would kill the lights at once');
  // systemd makes one $ of two.
  const [, line = ''] = /^\/bin\/sh -c '(.+)'$/.exec(unit.get('ExecStop') ?? '') ?? [];
  const script = line.replaceAll('$$', '$');
  const slow = "process.on('SIGTERM', () => setTimeout(() => process.exit(0), 700)); console.log()";
  const daemon = spawn(process.execPath, ['-e', `${slow}; setInterval(() => {}, 1000)`]);
  t.teardown(() => daemon.kill('SIGKILL'));
  await once(daemon.stdout, 'data');
  const stop = (pid: string) =>
    run('/usr/bin/env', `MAINPID=${pid}`, '/bin/sh', '-c', script).then(({ code }) => code);
  t.equal(await stop(String(daemon.pid)), 0);
  t.equal(daemon.exitCode, 0, 'it took its time, and was waited for');
  t.equal(await stop(''), 0, 'a daemon that is gone already is not waited for');
});

t.test(
  'user and folders come out as the unit needs them',
  needsRoot('systemd-sysusers'),
  async (t) => {
    const root = await folder(t);
    await mkdir(path.join(root, 'etc'), { recursive: true });
    const file = (name: string) => path.resolve('systemd', name);
    execFileSync('systemd-sysusers', [`--root=${root}`, file('sarachi.sysusers.conf')], {
      stdio: 'ignore',
    });
    const groups = readFileSync(path.join(root, 'etc/group'), 'utf8');
    t.match(groups, /^plugdev:x:\d+:sarachi$/m);
    const passwd = readFileSync(path.join(root, 'etc/passwd'), 'utf8');
    const [, uid = ''] = /^sarachi:x:(\d+):.*nologin$/m.exec(passwd) ?? [];
    execFileSync('systemd-tmpfiles', [`--root=${root}`, '--create', file('sarachi.tmpfiles.conf')]);
    for (const [name, mode, owner] of [
      ['etc/sarachi', 0o750, 0],
      ['var/lib/sarachi', 0o750, Number(uid)],
      ['var/lib/sarachi/keys', 0o700, Number(uid)],
    ] as const) {
      const found = statSync(path.join(root, name));
      t.same([found.mode & 0o777, found.uid], [mode, owner], name);
    }
  },
);

t.test('every udev rule is one, and handsets are for the group of the unit', async (t) => {
  const rules = read('70-sarachi.rules')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const part =
    /^(ACTION|SUBSYSTEM|LABEL|GOTO|TEST|MODE|GROUP|(ENV|ATTR)\{[\w/]+\})(==|!=|=)"[^"]*"$/;
  const test = /^TEST=="[^"]+"$/;
  for (const rule of rules)
    for (const one of rule.split(/,\s*/)) t.ok(part.test(one) || test.test(one), one);
  const group = settings('sarachi.service').get('SupplementaryGroups');
  const groups = rules.flatMap((rule) => /GROUP="(\w+)"/.exec(rule)?.[1] ?? []);
  t.same(new Set(groups), new Set([group]));
  const gotos = rules.flatMap((rule) => /GOTO="(\w+)"/.exec(rule)?.[1] ?? []);
  for (const label of gotos) t.ok(rules.includes(`LABEL="${label}"`), label);
});

t.test('the installation names files that are there', async (t) => {
  const page = read('README.md');
  const named = [...page.matchAll(/(?:systemd|config)\/[\w.-]+\.(?:conf|rules|service|yaml)/g)];
  t.ok(named.length >= 8);
  for (const [name] of named) t.ok(existsSync(name), name);
  for (const name of readdirSync('systemd'))
    if (name !== 'README.md') t.ok(page.includes(name), `${name} is installed`);
});
