// Builds everything, runs every test project and the TypeScript tests, and adds up what they report.
//
//   node eng/check.mjs                all
//   node eng/check.mjs Redis Server   only the projects whose names contain one of these words ("js" for TypeScript)

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

function dotnetTests(project) {
  const name = project.toLowerCase();
  console.log(`\n== ${project}`);
  const report = join(results, `${project}.xml`);
  const problem = run('dotnet', [join('artifacts', 'bin', project, 'release', `${project}.dll`), '-xml', report, '-noLogo']);
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

for (const project of readdirSync('tests').filter((name) => name.endsWith('.Tests')).sort()) {
  if (wanted(project)) dotnetTests(project);
}
if (wanted('js')) scriptTests();

console.log();
finish();
