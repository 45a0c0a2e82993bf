namespace Ducts.Tests.Support;

/// <summary>Tests of one session whose client counts messages. What a test starts and opens ends with it.</summary>
public abstract class ResumingTests(RedisFixture redis) : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _opened = new();

    private protected WireServer Server { get; private set; } = null!;

    /// <summary>What discovery gave for the session; a test may ask for another.</summary>
    private protected Issued Issued { get; set; } = null!;

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened))
            await opened.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the server, and asks it for the session.</summary>
    private protected async Task StartAsync(Action<DuctsOptions>? configure = null, HookScript? script = null)
    {
        Server = Keep(script is null ? await WireServer.StartAsync(redis, configure) : await script.StartAsync(redis, configure));
        Issued = await Server.IssueAsync();
    }

    /// <summary>Starts the server, and opens the session.</summary>
    private protected async Task<ResumingClient> OpenAsync(Action<DuctsOptions>? configure = null)
    {
        await StartAsync(configure);
        return await ResumeAsync();
    }

    /// <summary>Opens the session at a server that handles one request at a time, and has it hold one: others wait.</summary>
    private protected async Task<ResumingClient> OpenBusyAsync(Action<DuctsOptions>? configure = null)
    {
        var client = await OpenAsync(options =>
        {
            options.WebSocketServer.MaxInflight = 1;
            configure?.Invoke(options);
        });
        await client.SendAsync("[1,1006,\"runs\"]");
        await Until.TrueAsync(() => Server.Events.Held == 1);
        return client;
    }

    /// <summary>Opens the session, or takes it over.</summary>
    private protected async Task<ResumingClient> ResumeAsync(long received = 0, string? life = null, long attempt = 1, int? receiveBuffer = null) =>
        Keep(await ResumingClient.OpenAsync(Server.Port, Issued, received, life, attempt, receiveBuffer));

    /// <summary>What the server answers the HELLO of another connection with.</summary>
    private protected Task<string> SayHelloAsync(long received = 0, string? life = null, long attempt = 1) =>
        AskAsync(ResumingClient.HelloOf(Issued, received, life, attempt));

    /// <summary>What the server answers the first message of another connection with. KEY in it stands for the session's.</summary>
    private protected Task<string> SayAsync(string message) => AskAsync(message.Replace("KEY", Issued.Key, StringComparison.Ordinal));

    /// <summary>Opens a connection at one of the session's addresses, and leaves it to the test to say something.</summary>
    private protected async Task<WireClient> ConnectAsync(string path) => Keep(await WireClient.OpenAsync(Server.Port, path + "?v=2"));

    private protected Task UntilEndedAsync() => Until.TrueAsync(() => Server.Registry.Count == 0);

    private async Task<string> AskAsync(string message) => Keep(await ResumingClient.AskAsync(Server.Port, Issued, message)).First;

    private T Keep<T>(T opened)
        where T : IAsyncDisposable
    {
        _opened.Push(opened);
        return opened;
    }
}
