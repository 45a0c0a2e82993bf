using System.Net.WebSockets;
using System.Threading.Channels;

namespace Ducts.Client.Tests;

/// <summary>
/// Tests of a client of version 2 of the protocol, at a server that sends what a test tells it to. What a test starts and opens
/// ends with it.
/// </summary>
public abstract class PlayedTests : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _opened = new();

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected PlayedServer Server { get; private set; } = null!;

    protected DuctsClient Client { get; private set; } = null!;

    /// <summary>How many bytes the server lets the client send before it confirms them.</summary>
    protected virtual long InboxLimit => 1 << 20;

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened))
            await opened.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets what all clients of these tests have in common.</summary>
    protected virtual void Configure(DuctsClientOptions options)
    {
    }

    protected async Task StartAsync(bool speaksVersion2 = true)
    {
        _opened.Push(Server = await PlayedServer.StartAsync());
        if (speaksVersion2)
            Server.SpeakVersion2(InboxLimit);
    }

    /// <summary>Starts the server, and opens the session.</summary>
    protected async Task<PlayedSocket> OpenAsync(Action<DuctsClientOptions>? configure = null)
    {
        await StartAsync();
        var connecting = ReconnectTests.ConnectAsync(Server, options =>
        {
            Configure(options);
            configure?.Invoke(options);
        });
        var socket = await WelcomeNextAsync();
        _opened.Push(Client = await connecting);
        return socket;
    }

    /// <summary>The next connection, which has said HELLO.</summary>
    protected async Task<PlayedSocket> NextSocketAsync()
    {
        var socket = await Server.NextSocketAsync();
        await socket.ReceiveHelloAsync();
        return socket;
    }

    /// <summary>The next connection, which has the session.</summary>
    protected async Task<PlayedSocket> WelcomeNextAsync(long received = 0, string life = "life", bool lost = false)
    {
        var socket = await NextSocketAsync();
        await socket.SendWelcomeAsync(received, life, lost);
        return socket;
    }

    /// <summary>Has the next connection open a new session, and cuts it.</summary>
    protected async Task AcceptNewAsync(ChannelReader<DuctsStateChangedEventArgs> changes)
    {
        var next = await Server.NextSocketAsync();
        Assert.Equal("{\"key\":\"the key\",\"received\":0,\"attempt\":1}", (await next.ReceiveHelloAsync()).ToString());
        await next.SendWelcomeAsync();
        var opened = await changes.ReadAsync(Token);
        Assert.Equal((DuctsClientState.Open, true), (opened.State, opened.IsNewSession));
        next.Cut();
    }

    // The framework's client answers no code that it does not know.
    protected static async Task CloseAsync(PlayedSocket socket, int code, string? reason = null)
    {
        if (await Record.ExceptionAsync(() => socket.CloseAsync((WebSocketCloseStatus)code, reason)) is not null)
            socket.Cut();
    }
}
