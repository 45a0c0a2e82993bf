using System.Text;

namespace Ducts.Load;

/// <summary>SignalR's JSON protocol over WebSockets, without negotiation.</summary>
internal sealed class SignalRDialect(Scenario scenario) : Dialect
{
    private const char RecordSeparator = '\u001e';

    public override bool CountsRecords => true;

    private readonly byte[] _hello = Encode("""{"protocol":"json","version":1}""");

    public override int Greetings => 1;

    public override byte[] Request { get; } = Encode(Invocation(scenario));

    public override byte[] Follow { get; } = Encode("""{"type":1,"target":"Follow","arguments":[]}""");

    public override int MessagesPerRequest => scenario.Counts ? Scenario.CountItems + 1 : 1;

    public override Task<(string Path, byte[] Hello)> FindAsync(int port, bool follower) => Task.FromResult(("/hub", _hello));

    private static byte[] Encode(string record) => Frame.Encode(Frame.Text, Encoding.UTF8.GetBytes(record + RecordSeparator));

    private static string Invocation(Scenario scenario)
    {
        var target = scenario.Kind switch
        {
            ScenarioKind.EchoMap => "EchoMap",
            ScenarioKind.Record => "Record",
            ScenarioKind.Count => "Count",
            ScenarioKind.CountYield => "CountYield",
            ScenarioKind.CountChannel => "CountChannel",
            ScenarioKind.FanOut => "Say",
            ScenarioKind.Blob => "Blob",
            _ => "Echo",
        };
        var type = scenario.Counts ? 4 : 1;
        return $$"""{"type":{{type}},"invocationId":"1","target":"{{target}}","arguments":[{{Payloads.Json(scenario)}}]}""";
    }
}
