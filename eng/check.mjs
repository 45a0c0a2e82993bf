// Builds everything, runs every test project and the TypeScript tests, and adds up what they report.
//
//   node eng/check.mjs                all
//   node eng/check.mjs Redis Server   only the projects whose names contain one of these words ("js" for TypeScript)

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const wanted = (name) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word));
const results = join('artifacts', 'test-results');
const total = { passed: 0, failed: 0, skipped: 0 };

function run(command, args, options = {}) {
  const { status, signal } = spawnSync(command, args, { stdio: 'inherit', ...options });
  return signal ? `ended by ${signal}` : status === 0 ? undefined : `exit code ${status}`;
}

function count(name, passed, failed, skipped, problem) {
  // A project that ran nothing, or ended badly without naming a test, has failed all the same.
  if (passed + failed === 0 || (problem && failed === 0)) {
    console.error(`${name}: ${problem ?? 'no test ran'}`);
    failed += 1;
  }
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function finish() {
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed === 0 ? 0 : 1);
}

// Its output comes when it has ended, in one piece.
function runBeside(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (bytes) => output.push(bytes));
    child.stderr.on('data', (bytes) => output.push(bytes));
    child.on('error', (error) => resolve([error.message, '']));
    // Not its streams' end: what a test has left behind may keep them open.
    child.on('exit', (status, signal) => setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
      resolve([signal ? `ended by ${signal}` : status === 0 ? undefined : `exit code ${status}`, Buffer.concat(output).toString()]);
    }, 200));
  });
}

async function dotnetTests(project) {
  const name = project.toLowerCase();
  console.log(`-- ${project} begins`);
  const report = join(results, `${project}.xml`);
  const [problem, output] = await runBeside('dotnet', [join('artifacts', 'bin', project, 'release', `${project}.dll`), '-xml', report, '-noLogo']);
  console.log(`\n== ${project}\n${output}`);
  const xml = existsSync(report) ? readFileSync(report, 'utf8') : '';
  let [passed, failed, skipped] = [0, 0, 0];
  for (const [head] of xml.matchAll(/<assembly\b[^>]*>/g)) {
    const number = (key) => Number(new RegExp(`\\b${key}="(\\d+)"`).exec(head)?.[1] ?? 0);
    passed += number('passed');
    failed += number('failed') + number('errors');
    skipped += number('skipped') + number('not-run');
  }
  count(name, passed, failed, skipped, problem);
}

function scriptTests() {
  console.log('\n== clients/js');
  const report = join(process.cwd(), results, 'clients-js.json');
  const options = { cwd: join('clients', 'js') };
  const problem =
    (existsSync(join('clients', 'js', 'node_modules')) ? undefined : run('npm', ['ci', '--no-audit', '--no-fund'], options)) ??
    run('npm', ['run', 'check'], options) ??
    run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], options);
  const json = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
  count('clients/js', json.numPassedTests ?? 0, json.numFailedTests ?? 0, (json.numPendingTests ?? 0) + (json.numTodoTests ?? 0), problem);
}

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

console.log('== build');
// One compiler for all projects, whatever the environment says: to start one for each takes longer than to compile. It would stay.
const problem = run('dotnet', ['build', 'Ducts.slnx', '-c', 'Release', '-nologo', '-v', 'quiet', '-clp:NoSummary', '-p:UseSharedCompilation=true']);
run('dotnet', ['build-server', 'shutdown', '--vbcscompiler'], { stdio: 'ignore' });
if (problem) {
  count('build', 0, 0, 0, problem);
  finish();
}

// Two at a time, the longest first: many of them wait for processes, browsers and clocks.
const slow = ['EndToEnd', 'Cli', 'Server', 'Redis', 'Scripting'];
const rank = (project) => (slow.findIndex((word) => project === `Ducts.${word}.Tests`) + slow.length + 1) % (slow.length + 1);
const projects = readdirSync('tests').filter((name) => name.endsWith('.Tests') && wanted(name)).sort((one, other) => rank(one) - rank(other));
const lane = async () => {
  for (let project = projects.shift(); project; project = projects.shift()) await dotnetTests(project);
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
if (wanted('js')) scriptTests();

console.log();
finish();
