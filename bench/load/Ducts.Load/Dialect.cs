namespace Ducts.Load;

/// <summary>How one server is spoken to in one scenario.</summary>
internal abstract class Dialect
{
    /// <summary>Whether messages are what a record separator ends, and not frames.</summary>
    public virtual bool CountsRecords => false;

    /// <summary>What a request looks like on the wire, framed.</summary>
    public abstract byte[] Request { get; }

    /// <summary>What makes a connection a follower, in the scenario that fans out.</summary>
    public abstract byte[] Follow { get; }

    /// <summary>Messages that a request is answered with, and what follows them.</summary>
    public abstract int MessagesPerRequest { get; }

    /// <summary>The path to open the WebSocket on, and what is sent once it is open, before anything else; empty for nothing.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="follower">For a follower.</param>
    public abstract Task<(string Path, byte[] Hello)> FindAsync(int port, bool follower);

    /// <summary>Whether the client says which messages it has received.</summary>
    public virtual bool SendsReceipts => false;

    /// <summary>What is sent to end a session, before the close frame; empty for nothing.</summary>
    public virtual byte[] End => [];

    /// <summary>Messages to wait for before requests may be sent.</summary>
    public virtual int Greetings => 0;

    public static Dialect For(ServerKind server, Scenario scenario, bool resumes = false) => server switch
    {
        ServerKind.Ducts or ServerKind.Baseline when scenario.Kind == ScenarioKind.Open => new OpeningDialect("/ducts/wsd?uuid=load", path: null),
        ServerKind.Kestrel when scenario.Kind == ScenarioKind.Open => new OpeningDialect("/plain", "/echo"),
        ServerKind.Ducts when resumes => new PackedDialect(scenario, "/", discovers: true, resumes: true),
        ServerKind.Ducts or ServerKind.Baseline => new PackedDialect(scenario, "/", discovers: true),
        ServerKind.Ws => new PackedDialect(scenario, "/", discovers: false),
        ServerKind.Kestrel => new PackedDialect(scenario, PathOf(scenario), discovers: false, ends: 0),
        ServerKind.SignalR => new SignalRDialect(scenario),
        _ => new SocketIoDialect(scenario),
    };

    // A bare server does not look at bytes, so the path says what is wanted.
    private static string PathOf(Scenario scenario) => scenario.Kind switch
    {
        ScenarioKind.Count => "/count",
        ScenarioKind.FanOut or ScenarioKind.FanOutChannels => "/say",
        ScenarioKind.Blob => "/blob",
        ScenarioKind.IdleCpu or ScenarioKind.IdleAlive => "/idle",
        _ => "/echo",
    };
}
