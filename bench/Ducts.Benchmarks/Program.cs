using BenchmarkDotNet.Running;

// Usage: dotnet run -c Release --project bench/Ducts.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
