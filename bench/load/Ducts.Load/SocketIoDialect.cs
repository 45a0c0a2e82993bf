using System.Text;

namespace Ducts.Load;

/// <summary>Socket.IO 4 over Engine.IO 4, WebSockets only.</summary>
internal sealed class SocketIoDialect(Scenario scenario) : Dialect
{
    private readonly byte[] _hello = Encode("40");

    /// <summary>Engine.IO's handshake and the namespace's.</summary>
    public override int Greetings => 2;

    public override byte[] Request { get; } = Encode(Event(scenario));

    public override byte[] Follow { get; } = Encode("""42["follow"]""");

    public override int MessagesPerRequest => scenario.Kind switch
    {
        ScenarioKind.Count => Scenario.CountItems + 1,
        // The reply with a place for the bytes, and the bytes.
        ScenarioKind.Blob => 2,
        _ => 1,
    };

    public override Task<(string Path, byte[] Hello)> FindAsync(int port, bool follower) => Task.FromResult(("/socket.io/?EIO=4&transport=websocket", _hello));

    private static byte[] Encode(string packet) => Frame.Encode(Frame.Text, Encoding.UTF8.GetBytes(packet));

    private static string Event(Scenario scenario)
    {
        var name = scenario.Kind switch
        {
            ScenarioKind.Record => "record",
            ScenarioKind.Count => "count",
            ScenarioKind.FanOut => "say",
            ScenarioKind.Blob => "blob",
            _ => "echo",
        };
        return Payloads.Json(scenario) is { } data ? $"421[\"{name}\",{data}]" : $"421[\"{name}\"]";
    }
}
