// Builds clients/js and copies what the server embeds to the folder named by the first argument.
// Builds that run side by side (an editor's and a terminal's) wait for each other: `npm ci` empties node_modules.
import { execSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'clients', 'js');
const target = resolve(process.argv[2]);
const files = ['ducts.js', 'ducts.mjs'];
// A build takes some seconds, an `npm ci` with a cold cache some minutes.
const lockTimeout = 10 * 60 * 1000;

const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function lock(path) {
  const end = Date.now() + lockTimeout;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    let holder = 0;
    let age = 0;
    try {
      holder = Number(readFileSync(path, 'utf8'));
      age = Date.now() - statSync(path).mtimeMs;
    } catch {
      continue;
    }
    // A builder that was killed leaves its lock behind; one that has just made it may not have written its id yet.
    if (holder > 0 ? !isAlive(holder) : age > 5000) {
      rmSync(path, { force: true });
      continue;
    }
    if (Date.now() > end) throw new Error(`another build holds ${path} (process ${holder})`);
    sleep(100);
  }
}

function installIfChanged() {
  const stamp = join(root, 'node_modules', '.ducts-lock');
  const wanted = readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  execSync('npm ci --no-audit --no-fund --loglevel=error', { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(stamp, wanted);
}

mkdirSync(target, { recursive: true });
const lockPath = join(target, '.lock');
lock(lockPath);
try {
  installIfChanged();
  execSync('npm run --silent build', { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  for (const file of files) {
    // Renamed into place, so that a compiler never reads half a file.
    const part = join(target, `${file}.${process.pid}`);
    copyFileSync(join(root, 'dist', file), part);
    renameSync(part, join(target, file));
  }
} finally {
  rmSync(lockPath, { force: true });
}
