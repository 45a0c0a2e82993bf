using Ducts.Sessions;

namespace Ducts.Tests.Support;

/// <summary>Tests of one session whose client is of version 1. What a test starts and opens ends with it.</summary>
public abstract class ReconnectingTests(RedisFixture redis) : IAsyncDisposable
{
    /// <summary>What the client is told of a request that cannot go on.</summary>
    protected const string Interrupted = "ConnectionError('interrupted, call again')";

    private protected WireServer Server { get; private set; } = null!;

    /// <summary>What discovery gave for the session.</summary>
    private protected Issued Issued { get; private set; } = null!;

    /// <summary>The session's last socket.</summary>
    private protected WireClient Client { get; set; } = null!;

    private protected Session Session => Server.Session(Issued);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static void Limit(DuctsOptions options, int outbox, int divided)
    {
        options.WebSocketServer.OutboxLimit = outbox;
        options.WebSocketServer.DivideThreshold = divided;
    }

    /// <summary>Starts the server, and asks it for the session.</summary>
    private protected async Task StartAsync(Action<DuctsOptions>? configure)
    {
        Server = await WireServer.StartAsync(redis, configure);
        Issued = await Server.IssueAsync();
    }

    /// <summary>Starts the server, and opens the session.</summary>
    private protected async Task OpenAsync(Action<DuctsOptions>? configure = null)
    {
        await StartAsync(configure);
        Client = await Server.OpenAsync(Issued);
    }

    /// <summary>Resets the socket, and waits until the server knows.</summary>
    private protected async Task ResetAsync()
    {
        Client.Reset();
        await Until.TrueAsync(() => Session.CurrentConnection is null);
    }

    /// <summary>Resets the socket, and opens another.</summary>
    private protected async Task ReconnectAsync()
    {
        await ResetAsync();
        Client = await Server.ReconnectAsync(Issued);
    }
}
