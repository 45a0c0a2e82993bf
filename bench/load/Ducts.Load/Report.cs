using System.Globalization;

namespace Ducts.Load;

/// <summary>Tables in Markdown.</summary>
internal static class Report
{
    private const int NameWidth = 9;
    private const int Width = 12;

    public static void Print(Scenario scenario, IReadOnlyDictionary<ServerKind, List<Measurement>> results)
    {
        var cost = scenario.Kind == ScenarioKind.Idle ? "KiB" : "CPU µs";
        Console.WriteLine();
        Console.WriteLine($"### {scenario.Name}: {scenario.Connections} connections, {scenario.InFlight} in flight; {cost} per {scenario.Unit}");
        Console.WriteLine();
        Line("server", cost, "per second", "p50 µs", "p99 µs", "RSS MiB", "to Kestrel", "to SignalR", "to baseline");
        Line("---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:");
        foreach (var (kind, runs) in results)
        {
            Line(
                kind.ToString(),
                Number(Median(runs.Select(static run => run.Cost))),
                Number(Median(runs.Select(static run => run.PerSecond))),
                Number(Median(runs.Select(static run => run.P50))),
                Number(Median(runs.Select(static run => run.P99))),
                Number(Median(runs.Select(static run => run.ResidentMiB))),
                Ratio(runs, results.GetValueOrDefault(ServerKind.Kestrel)),
                Ratio(runs, results.GetValueOrDefault(ServerKind.SignalR)),
                Ratio(runs, results.GetValueOrDefault(ServerKind.Baseline)));
        }
    }

    public static void PrintHeld(ServerKind kind, Scenario scenario, double before, double during, double after, Measurement calls)
    {
        Console.WriteLine();
        Console.WriteLine($"### {scenario.Name}: {scenario.Connections} sessions, {kind}");
        Console.WriteLine();
        Console.WriteLine($"RSS {Number(before)} MiB before, {Number(during)} MiB held, {Number(after)} MiB after they closed; "
            + $"calls meanwhile on 64 more: {Number(calls.PerSecond)} a second, p50 {Number(calls.P50)} µs, p99 {Number(calls.P99)} µs");
    }

    public static void PrintStarts(ServerKind kind, double wall, double cpu, double resident)
    {
        Console.WriteLine();
        Console.WriteLine($"### start: from nothing to the first answer, handlers cached, {kind}");
        Console.WriteLine();
        Console.WriteLine($"{Number(wall)} s, {Number(cpu)} s of CPU, RSS {Number(resident)} MiB");
    }

    public static void PrintDivided(ServerKind kind, int large, double megabytesPerSecond, LatencyHistogram alone, LatencyHistogram beside, long residentKiB)
    {
        Console.WriteLine();
        Console.WriteLine($"### divided: calls on one connection beside {large} replies of 100 MB, one at a time, {kind}");
        Console.WriteLine();
        Console.WriteLine($"calls alone: {Latencies(alone)}; beside: {Latencies(beside)}; {Number(megabytesPerSecond)} MB/s, RSS {Number(residentKiB / 1024.0)} MiB");
    }

    public static void PrintStalled(ServerKind kind, StallPhase before, StallPhase during, bool complete)
    {
        Console.WriteLine();
        Console.WriteLine($"### stalled: a reader stops for 60 s in a stream of 1 GB, calls on 16 others, {kind}");
        Console.WriteLine();
        foreach (var (name, phase) in new[] { ("before", before), ("stopped", during) })
            Console.WriteLine($"{name}: RSS {Number(phase.LeastKiB / 1024.0)} to {Number(phase.MostKiB / 1024.0)} MiB; others {Latencies(phase.Others)}");
        Console.WriteLine(complete ? "All items came, and the request that was sent meanwhile was answered." : "NOT all came once it was read again.");
    }

    public static void PrintHalfOpen(
        ServerKind kind,
        Scenario scenario,
        (double Before, double During, double After) resident,
        (Measurement Before, Measurement During, Measurement After) calls,
        double opened,
        double[] lasting)
    {
        Console.WriteLine();
        Console.WriteLine($"### {scenario.Name}: {scenario.Connections} connections, {kind}");
        Console.WriteLine();
        Console.WriteLine($"opened in {Number(opened)} s; RSS {Number(resident.Before)} MiB before, {Number(resident.During)} MiB, {Number(resident.After)} MiB after they ended; "
            + $"calls on 64 others: p99 {Number(calls.Before.P99)} µs before, {Number(calls.During.P99)} µs, {Number(calls.After.P99)} µs after");
        Console.WriteLine($"The last has ended after {Number(lasting[0])} s of silence, {Number(lasting[1])} s of half a handshake, {Number(lasting[2])} s of half a message");
    }

    public static void PrintHostile(ServerKind kind, int limit, (int Refused, int Answered) attackers, (string Name, (StallPhase Phase, ServerMemory Most, ServerMemory? Collected) Seen)[] phases)
    {
        Console.WriteLine();
        Console.WriteLine($"### hostile: memory_limit {limit} MiB, {kind}");
        Console.WriteLine();
        Console.WriteLine("| attack, beside those before | RSS at most, MiB | charged at most | heap committed at most | at the end: charged | in use after a collection | calls on 16 others | p99, µs |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, (phase, most, collected)) in phases)
        {
            Console.WriteLine($"| {name} | {Number(phase.MostKiB / 1024.0)} | {MiB(most.Charged)} | {MiB(most.Committed)} | {MiB(collected?.Charged ?? 0)} | {MiB(collected?.Live ?? 0)} "
                + $"| {(long)phase.Others.Count} | {Number(phase.Others.Microseconds(0.99))} |");
        }

        Console.WriteLine($"{attackers.Refused} connections of attackers were refused, {attackers.Answered} of their messages answered");
    }

    public static void PrintLimits(ServerKind kind, int sessions, double honest, double rate, double greedy, IReadOnlyList<LimitsRound> rounds)
    {
        Console.WriteLine();
        Console.WriteLine($"### limits: {sessions} users at {Number(honest)} calls a second each, limit {Number(rate)}, {sessions} more at {Number(greedy)}, {kind}");
        Console.WriteLine();
        Console.WriteLine("| round | p50 µs: alone, beside, ratio | p99 µs: alone, beside, ratio | honest calls | not answered | greedy calls a second | answered | refused | other | CPU %: alone, beside |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for (var i = 0; i < rounds.Count; i++)
            Line($"{i + 1}", [rounds[i]]);
        Line("median", rounds);

        static void Line(string name, IReadOnlyList<LimitsRound> rounds)
        {
            ReadOnlySpan<double> shares = [0.5, 0.99];
            var latencies = shares.ToArray().Select(share =>
                $"{Of(round => round.Alone.Latencies.Microseconds(share))}, {Of(round => round.Beside.Latencies.Microseconds(share))}, {Of(round => round.Ratio(share))}");
            Console.WriteLine($"| {name} | {string.Join(" | ", latencies)} "
                + $"| {Of(static round => round.Alone.Sent + round.Beside.Sent)} "
                + $"| {rounds.Sum(static round => round.Alone.Sent + round.Beside.Sent - round.Alone.Answers.Echoes - round.Beside.Answers.Echoes)} "
                + $"| {Of(static round => round.Greedy.Sent / round.Greedy.Seconds)} | {Of(static round => round.Greedy.Answered)} "
                + $"| {Of(static round => round.Greedy.Refused)} | {rounds.Sum(static round => round.Greedy.Others)} "
                + $"| {Of(static round => 100 * round.AloneCpu)}, {Of(static round => 100 * round.BesideCpu)} |");

            string Of(Func<LimitsRound, double> select) => Number(Median(rounds.Select(select)));
        }
    }

    public static void PrintCredits(ServerKind kind, IReadOnlyList<(CreditPhase Without, CreditPhase With)> rounds)
    {
        Console.WriteLine();
        Console.WriteLine($"### credits: nine streams at full speed and calls, without and with a tenth that is read at one item a second, {kind}");
        Console.WriteLine();
        Console.WriteLine("| round | items a second: without, with, ratio | calls, p50 µs: without, with, ratio | p99 µs: without, with, ratio | items of the slow one |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        for (var i = 0; i < rounds.Count; i++)
            Line($"{i + 1}", [rounds[i]]);
        Line("median", rounds);

        static void Line(string name, IReadOnlyList<(CreditPhase Without, CreditPhase With)> rounds)
        {
            Console.WriteLine($"| {name} | {Both(static phase => phase.PerSecond)} | {Both(static phase => phase.Calls.Microseconds(0.5))} "
                + $"| {Both(static phase => phase.Calls.Microseconds(0.99))} | {Number(Median(rounds.Select(static round => (double)round.With.SlowItems)))} |");

            string Both(Func<CreditPhase, double> select) =>
                $"{Number(Median(rounds.Select(round => select(round.Without))))}, {Number(Median(rounds.Select(round => select(round.With))))}, "
                + Number(Median(rounds.Select(round => select(round.With) / select(round.Without))));
        }
    }

    public static void BeginStorm(ServerKind kind, int sessions)
    {
        Console.WriteLine();
        Console.WriteLine($"### storm: {sessions} sessions, each with a stream, are cut at once and come back, {kind}");
        Console.WriteLine();
        Console.WriteLine("| round | seconds until all are back | p50, p99 | CPU of the server, µs for each | RSS MiB | wrong | without an item since |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
    }

    public static void StormRound(int round, double seconds, double[] latencies, double cpu, double resident, long wrong, int missing) =>
        Console.WriteLine($"| {round} | {Number(seconds)} | {Number(latencies[latencies.Length / 2])}, {Number(latencies[latencies.Length * 99 / 100])} "
            + $"| {Number(cpu)} | {Number(resident)} | {wrong} | {missing} |");

    public static void BeginSoak(ServerKind kind, int sessions)
    {
        Console.WriteLine();
        Console.WriteLine($"### soak: {sessions} sessions stream and call while their connections are cut, DOTNET_gcServer=0, {kind}");
        Console.WriteLine();
        Console.WriteLine("| minute | RSS MiB | calls a second | cuts so far | CPU % | wrong |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
    }

    public static void SoakMinute(int minute, double resident, double calls, int cuts, double cpu, long wrong) =>
        Console.WriteLine($"| {minute} | {Number(resident)} | {Number(calls)} | {cuts} | {Number(100 * cpu)} | {wrong} |");

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // Within a round the machine is in one state, between rounds it may change; so the ratio is taken first.
    private static string Ratio(List<Measurement> runs, List<Measurement>? others) =>
        others is null ? "–" : Number(Median(runs.Zip(others, static (run, other) => run.Cost / other.Cost)));

    private static string Number(double value) => value switch
    {
        double.NaN => "–",
        0 => "–",
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };

    private static string MiB(long bytes) => Number(bytes / (1024.0 * 1024.0));

    private static string Latencies(LatencyHistogram latencies) =>
        $"p50 {Number(latencies.Microseconds(0.5))} µs, p99 {Number(latencies.Microseconds(0.99))} µs, most {Number(latencies.Microseconds(1))} µs of {Number(latencies.Count)}";

    private static void Line(string name, params string[] cells) =>
        Console.WriteLine($"| {name,-NameWidth} | {string.Join(" | ", cells.Select(static cell => cell.PadLeft(Width)))} |");
}
