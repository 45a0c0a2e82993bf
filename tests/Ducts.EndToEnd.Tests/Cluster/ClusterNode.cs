using System.Text.RegularExpressions;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Cluster;

/// <summary>One of the servers of a <see cref="TestCluster"/>: a process, and another after each death.</summary>
internal sealed partial class ClusterNode(WorkingFolder folder, string name) : IDisposable
{
    private readonly List<BackgroundProgram> _lives = [];

    public string Name => name;

    public int Pid => Program.Pid;

    public int Port { get; private set; }

    /// <summary>What its process has logged so far, and those before it.</summary>
    public string Log => string.Join('\n', _lives.Select(static life => life.Log));

    /// <summary>The processes that other nodes believed dead, by their own word.</summary>
    public IEnumerable<int> Marked => _lives.Where(static life => life.Log.Contains("was marked as dead by another node", StringComparison.Ordinal)).Select(static life => life.Pid);

    public BackgroundProgram Program => _lives[^1];

    /// <summary>Starts it, from the second time on at the same port.</summary>
    public async Task StartAsync()
    {
        var program = BackgroundProgram.Start(
            folder,
            new Dictionary<string, string>
            {
                ["DUCTS_SERVER__HTTPD_PORT"] = $"{Port}",
                ["DUCTS_CLUSTER__NODE_ID"] = name,
                ["DUCTS_COMMON__PIDPATH"] = folder.PathOf($"{name}-{_lives.Count}.pid"),
            },
            Repository.Ducts,
            "server",
            "run");
        _lives.Add(program);
        await program.LogsAsync("START|SOCKET=");
        await Until.TrueAsync(() => Started().IsMatch(program.Log), () => program.Log);
        Port = int.Parse(Started().Match(program.Log).Groups[1].Value);
    }

    public void Dispose() => _lives.ForEach(static life => life.Dispose());

    [GeneratedRegex(@"START\|SOCKET=\('127\.0\.0\.1', (\d+)\)")]
    private static partial Regex Started();
}
