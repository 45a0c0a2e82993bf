using System.Diagnostics;
using System.Globalization;

namespace Ducts.Load;

/// <summary>
/// Users who keep below <c>requests_per_second</c>, alone, and beside as many who call at ten times of it, at fixed times, whatever
/// the answers say.
/// </summary>
internal static class Limits
{
    /// <summary>The share of the limit at which the honest call.</summary>
    private const double Honest = 0.8;

    private const double Greedy = 10;

    // Code is compiled in tiers, that of refusals too.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(0.5);

    public static async Task MeasureAsync(IReadOnlyList<ServerKind> kinds, WorkFolder folder, Scenario scenario, LoadOptions options)
    {
        var subjects = new List<Subject>();
        try
        {
            foreach (var kind in kinds)
            {
                subjects.Add(await Subject.StartAsync(kind, folder, scenario.Connections, options.Rate));
            }

            foreach (var subject in subjects)
            {
                await subject.BesideAsync(WarmUp);
            }

            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var subject in subjects)
                {
                    await subject.MeasureAsync(TimeSpan.FromSeconds(options.Seconds), greedyFirst: round % 2 == 1);
                }
            }

            foreach (var subject in subjects)
            {
                Report.PrintLimits(subject.Kind, scenario.Connections, options.Rate * Honest, options.Rate, options.Rate * Greedy, subject.Rounds);
            }
        }
        finally
        {
            foreach (var subject in subjects)
            {
                await subject.DisposeAsync();
            }
        }
    }

    /// <summary>A server with the sessions of both kinds.</summary>
    private sealed class Subject(ServerKind kind, ServerProcess server, HonestCalls honest, GreedyProcess greedy) : IAsyncDisposable
    {
        public ServerKind Kind => kind;

        public List<LimitsRound> Rounds { get; } = [];

        public static async Task<Subject> StartAsync(ServerKind kind, WorkFolder folder, int sessions, double rate)
        {
            var server = await ServerProcess.StartAsync(
                kind,
                folder,
                ("DUCTS_LIMIT__REQUESTS_PER_SECOND", rate.ToString(CultureInfo.InvariantCulture)),
                ("DUCTS_AUTH__SIGNING_KEY", UserToken.Key));
            try
            {
                // First, because its sessions answer pings while the others open.
                var greedy = await GreedyProcess.StartAsync(server.Port, sessions, rate * Greedy);
                return new Subject(kind, server, await HonestCalls.StartAsync(server.Port, sessions, rate * Honest), greedy);
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }

        public async Task MeasureAsync(TimeSpan time, bool greedyFirst)
        {
            // The machine's state drifts: each of the two comes first as often as the other.
            if (greedyFirst)
            {
                var (beside, besideCpu, greedyPhase) = await BesideAsync(time);
                var (alone, aloneCpu) = await AloneAsync(time);
                Rounds.Add(new LimitsRound(alone, aloneCpu, beside, besideCpu, greedyPhase));
            }
            else
            {
                var (alone, aloneCpu) = await AloneAsync(time);
                var (beside, besideCpu, greedyPhase) = await BesideAsync(time);
                Rounds.Add(new LimitsRound(alone, aloneCpu, beside, besideCpu, greedyPhase));
            }
        }

        public async Task<(HonestCalls.Phase Phase, double Cpu, GreedyPhase Greedy)> BesideAsync(TimeSpan time)
        {
            await greedy.StartCallingAsync();
            var (phase, cpu) = await AloneAsync(time);
            return (phase, cpu, await greedy.StopCallingAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await greedy.DisposeAsync();
            await honest.DisposeAsync();
            await server.DisposeAsync();
        }

        private async Task<(HonestCalls.Phase Phase, double Cpu)> AloneAsync(TimeSpan time)
        {
            await honest.CallAsync(Settle);
            var before = server.Usage.CpuMicroseconds;
            var started = Stopwatch.GetTimestamp();
            var phase = await honest.CallAsync(time);
            return (phase, (server.Usage.CpuMicroseconds - before) / Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }
    }
}
