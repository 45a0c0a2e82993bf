using Ducts.Fuzz;
using SharpFuzz;
using Xunit.Runner.InProc.SystemConsole;

switch (args)
{
    case ["seeds", var name, var folder]:
        // For afl-fuzz, which wants files.
        Directory.CreateDirectory(folder);
        foreach (var (number, seed) in FuzzTargets.Create(name).Seeds.Where(static seed => seed.Length > 0).Index())
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"seed-{number:d4}"), seed);
        }

        return 0;
    case ["run", var name, var file]:
        FuzzTargets.Create(name).Run(await File.ReadAllBytesAsync(file));
        Console.WriteLine($"{name} withstands {file}.");
        return 0;
    case ["fuzz", var name]:
        // Created by the first run: what is instrumented writes to memory that the fuzzer has then.
        IFuzzTarget? target = null;
        using (var input = new MemoryStream())
        {
            Fuzzer.OutOfProcess.Run(stream =>
            {
                target ??= FuzzTargets.Create(name);
                input.SetLength(0);
                stream.CopyTo(input);
                target.Run(input.GetBuffer().AsSpan(0, (int)input.Length));
            });
        }

        return 0;
    default:
        return await ConsoleRunner.Run(args);
}
