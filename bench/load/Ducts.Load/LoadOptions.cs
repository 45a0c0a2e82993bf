using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ducts.Load;

/// <summary>What the command line asks for.</summary>
internal sealed record LoadOptions(IReadOnlyList<Scenario> Scenarios, IReadOnlyList<ServerKind> Servers, int Rounds, double Seconds, double Rate, string? Baseline, bool Resumes, int Minutes)
{
    private const double DefaultRate = 1;
    private const int DefaultMinutes = 10;

    private static readonly ServerKind[] Peers = [ServerKind.Ducts, ServerKind.Kestrel, ServerKind.SignalR, ServerKind.Ws, ServerKind.SocketIo];

    public static string Usage =>
        $"""
        usage: bench/load/run [SCENARIO…] [--rounds N] [--seconds S] [--only {string.Join(',', Peers).ToLowerInvariant()}] [--rate R] [--baseline FOLDER] [--receipts] [--minutes M]
        --baseline: the folder of another build of the tool, which takes its turn too
        --receipts: the sessions of ducts, not those of the baseline, count their messages (version 2 of the protocol)
        --minutes: how long the scenario soak takes
        --rate: requests_per_second of the server in the scenario limits
        scenarios: {string.Join(' ', Scenario.All.Select(static scenario => scenario.Name))}
        """;

    public static bool TryParse(string[] args, [NotNullWhen(true)] out LoadOptions? options, [NotNullWhen(false)] out string? problem)
    {
        var scenarios = new List<Scenario>();
        var servers = Peers;
        string? baseline = null;
        var resumes = false;
        var rounds = 5;
        var seconds = 3.0;
        var rate = DefaultRate;
        var minutes = DefaultMinutes;
        options = null;
        problem = null;
        for (var i = 0; i < args.Length; i++)
        {
            var value = args[i].StartsWith("--", StringComparison.Ordinal) && i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--rounds" when int.TryParse(value, CultureInfo.InvariantCulture, out rounds) && rounds > 0:
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out seconds) && seconds > 0:
                case "--rate" when double.TryParse(value, CultureInfo.InvariantCulture, out rate) && rate > 0:
                case "--minutes" when int.TryParse(value, CultureInfo.InvariantCulture, out minutes) && minutes > 0:
                case "--only" when TryParseServers(value, out servers):
                    i++;
                    break;
                case "--baseline" when Directory.Exists(value):
                    baseline = Path.GetFullPath(value);
                    i++;
                    break;
                case "--receipts":
                    resumes = true;
                    break;
                case var name when Scenario.All.FirstOrDefault(scenario => scenario.Name == name) is { } scenario:
                    scenarios.Add(scenario);
                    break;
                default:
                    problem = $"cannot use {args[i]} {value}";
                    return false;
            }
        }

        IReadOnlyList<ServerKind> all = baseline is null ? servers : [.. servers, ServerKind.Baseline];
        options = new LoadOptions(scenarios.Count > 0 ? scenarios : Scenario.All, all, rounds, seconds, rate, baseline, resumes, minutes);
        return true;
    }

    private static bool TryParseServers(string names, out ServerKind[] servers)
    {
        var parts = names.Split(',');
        servers = new ServerKind[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!Enum.TryParse(parts[i], ignoreCase: true, out servers[i]) || !Peers.Contains(servers[i]))
                return false;
        }

        return true;
    }
}
