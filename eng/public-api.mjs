import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const header = "#nullable enable\n";

const wanted = process.argv.slice(2);

for (const project of readdirSync("src")) {
  if (wanted.length > 0 && !wanted.includes(project)) continue;
  const file = join("src", project, "PublicAPI.Unshipped.txt");
  if (!existsSync(file)) continue;
  const shipped = new Set(readFileSync(join("src", project, "PublicAPI.Shipped.txt"), "utf8").split("\n"));
  writeFileSync(file, header);
  const build = spawnSync(
    "dotnet",
    ["build", join("src", project), "-c", "Release", "--no-incremental", "-p:TreatWarningsAsErrors=false", "-v", "q", "--nologo"],
    { encoding: "utf8", maxBuffer: 1 << 28 });
  const symbols = [...build.stdout.matchAll(/ RS0016: Symbol '(.*)' is not part of the declared public API .*\[.*[/\\](.*)\.csproj\]/g)]
    .filter((match) => match[2] === project)
    .map((match) => match[1])
    .filter((symbol) => !shipped.has(symbol));
  const sorted = [...new Set(symbols)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  writeFileSync(file, header + sorted.map((symbol) => symbol + "\n").join(""));
  console.log(`${project}: ${sorted.length} symbols`);
}
