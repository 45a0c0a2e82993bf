using System.Text.Json;
using Microsoft.Extensions.Options;

// Says which node has the session: all nodes have the same handlers, and a
// request runs where its session lives.
public sealed class Node(IOptions<DuctsOptions> options) : DuctsHandler
{
    public const string SignsOfLife = "CLUSTER-SAMPLE/NODE/";

    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(0.5);

    public string Name { get; } = options.Value.Cluster.NodeId;

    public object Handle() => new { name = Name, pid = Environment.ProcessId };

    // Pages show all nodes. What a node says of itself expires, so it needs
    // nobody to take it back when the node is killed.
    public override async Task RunAsync(IHandlerManager manager, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Rhythm);
        do
        {
            var sign = JsonSerializer.Serialize(new { pid = Environment.ProcessId, sessions = manager.Sessions.Count });
            await manager.Redis.ExecuteAsync("SET", [SignsOfLife + Name, sign, "PX", 1500], stopping);
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }
}
