// Copies sources into a folder, for Coyote: model-sources.mjs FOLDER LIST, where LIST is a file that names one source in each line.
//
// Coyote does not know Task.WaitAsync, takes any delay for short, does not see where tasks complete that are made of others, and
// makes code that the runtime refuses of a call of the framework's that returns a ValueTask and is not awaited there. No alias or
// extension can come before a method of the class itself, so such calls are renamed; Model/ModelTasks.cs has what they call. Line
// numbers stay those of the sources.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const [folder, list] = process.argv.slice(2);
const root = resolve('../..');
const renamed = [
  [/\.WaitAsync\(/g, '.WaitControlledAsync('],
  [/Stream\.WriteAsync\(/g, 'Stream.WriteControlledAsync('],
  [/(?<![\w.])Task\.(Delay|Run|WhenAll|WhenAny)\(/g, 'ModelTasks.$1('],
];
const kept = new Set();
for (const source of readFileSync(list, 'utf8').split('\n').map((line) => line.trim()).filter(Boolean)) {
  const path = resolve(source);
  const target = join(folder, path.slice(root.length).replaceAll('/', '.').slice(1));
  let text = `#line 1 "${path}"\n${readFileSync(path, 'utf8')}`;
  for (const [call, stand] of renamed) text = text.replaceAll(call, stand);
  mkdirSync(dirname(target), { recursive: true });
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
  kept.add(target);
}

for (const name of readdirSync(folder)) {
  if (name.endsWith('.cs') && !kept.has(join(folder, name))) rmSync(join(folder, name));
}
