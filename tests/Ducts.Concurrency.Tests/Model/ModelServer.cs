using System.Diagnostics.Metrics;
using Ducts.Connections;
using Ducts.Connections.Transport;
using Ducts.Protocol;
using Ducts.Sessions;
using Ducts.Telemetry;
using Microsoft.Coyote.Random;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ducts.Concurrency.Model;

/// <summary>
/// The rooms under test, put together, and what their tests do with them. The constructors and members of those rooms that change
/// now and then are called here only.
/// </summary>
internal sealed class ModelServer : IDisposable
{
    private readonly Generator _choices = Generator.Create();
    private readonly DispatchWatch _watch;
    private readonly TimerWheel _wheel;
    private readonly ConnectionLog _connectionLog = new(NullLoggerFactory.Instance);

    public ModelServer(Action<DuctsOptions>? configure = null)
    {
        var options = new DuctsOptions();
        // The peers of these sockets answer no pings.
        options.WebSocketServer.Resend = ResendMode.None;
        configure?.Invoke(options);
        Options = options.WebSocketServer;
        _watch = new DispatchWatch(Time);
        _wheel = new TimerWheel(options, Time, _connectionLog);
        var created = Microsoft.Extensions.Options.Options.Create(options);
        var pushes = new NoPushes();
        var memory = new MemoryBudget(long.MaxValue / 2);
        Context = new SessionContext(
            created,
            Time,
            new NumberedDispatcher(this),
            Changes,
            pushes,
            new NoGroups(),
            new NoRedis(),
            new ServerAttributes(),
            _watch,
            _wheel,
            memory,
            new LateSignals(Time),
            new ServerMetrics(new PlainMeters()),
            new SessionLog(NullLoggerFactory.Instance));
        Registry = new SessionRegistry(Context, new SessionTickets(), new VoidedTickets(Time), new SessionIndex(created), _watch, new Broadcast(pushes, memory));
    }

    public ModelTime Time { get; } = new();

    public DuctsWebSocketOptions Options { get; }

    public NotedChanges Changes { get; } = new();

    public SessionContext Context { get; }

    public SessionRegistry Registry { get; }

    /// <summary>Gets or sets what a message of a client does; each has a number.</summary>
    public Func<IReplyChannel, byte, Task>? Handle { get; set; }

    public static SessionTicket Ticket(int number = 1) =>
        new($"{number}-0", SessionFields.Empty);

    public static SessionRequests CreateRequests(int limit) => new(limit, maxStreams: limit);

    /// <summary>Creates a session whose client counts messages.</summary>
    public Session CreateResuming(int number = 1) => new(Context, Ticket(number), new SessionUser(), resumes: true) { Registry = Registry };

    public Session CreateSession(int number = 1) => new(Context, Ticket(number), new SessionUser());

    public async Task<Session> OpenAsync(int number = 1) => (await Registry.OpenAsync(Ticket(number), new SessionUser())).Session!;

    /// <summary>Creates a connection that owns its socket, or one over the stream of a server.</summary>
    public Connection CreateConnection(IConnectionOwner owner, ModelSocket socket) => CreateConnection(owner, socket, _choices.NextBoolean());

    public Connection CreateConnection(IConnectionOwner owner, ModelSocket socket, bool ownsSocket)
    {
        var transport = ownsSocket ? WebSocketTransport.Over(new OwnedSocket(socket)) : WebSocketTransport.Over(socket, socket.Abort);
        return new(owner, transport, Options, _watch, _wheel, Time, _connectionLog);
    }

    /// <summary>Runs a socket of a session to its end, as the endpoint does.</summary>
    /// <returns>Whether the session took the socket.</returns>
    public async Task<bool> RunAsync(Session session, ModelSocket socket)
    {
        var turn = session.TakeTurn();
        // The handshake.
        await Task.Yield();
        using var connection = CreateConnection(session, socket);
        var isAttached = session.TryAttach(connection, turn, out var ready);
        if (!isAttached)
        {
            connection.SendClose(session.IsOver ? CloseCode.PolicyViolation : CloseCode.Replaced, "");
        }

        await connection.RunAsync(ready);
        if (session.OnSocketEnded(connection))
        {
            await Registry.CloseAsync(session, SessionEnd.Left);
        }

        return isAttached;
    }

    /// <summary>Runs a connection of a client that counts to its end, as the endpoint does.</summary>
    /// <returns>How it was refused; null when it had the session.</returns>
    public async Task<SessionEnd?> ResumeAsync(Session session, ModelSocket socket, long attempt, long received)
    {
        // What it takes until HELLO has been read.
        await Task.Yield();
        using var connection = CreateConnection(session, socket);
        var hello = new Hello("", received, session.Resumption!.Life, attempt);
        var refused = session.TryResume(connection, hello, WireEncoding.MessagePack, out var ready);
        if (refused is not null)
        {
            connection.SendClose(refused.Code, refused.Reason);
        }

        await connection.RunAsync(ready);
        session.OnSocketEnded(connection);
        return refused;
    }

    /// <summary>Notes from now on which messages are handled, in their order.</summary>
    public List<byte> NoteHandled()
    {
        var handled = new List<byte>();
        Handle = (_, number) =>
        {
            lock (handled)
            {
                handled.Add(number);
            }

            return Task.CompletedTask;
        };
        return handled;
    }

    /// <summary>The server sends a message in a session.</summary>
    public static void Send(Outbox outbox, int number)
    {
        outbox.Append(WireEncoding.MessagePack, ModelSocket.Message(number));
        outbox.Signal();
    }

    public void Dispose() => _watch.Dispose();

    /// <summary>Gives the first byte of each message to <see cref="Handle"/>.</summary>
    private sealed class NumberedDispatcher(ModelServer server) : IMessageDispatcher
    {
        public IMessageDispatch CreateDispatch(IReplyChannel channel) => new Dispatch(server, channel);

        private sealed class Dispatch(ModelServer server, IReplyChannel channel) : IMessageDispatch
        {
            int IMessageDispatch.Dispatch(WireEncoding encoding, ReadOnlyMemory<byte> message, int credit)
            {
                if (server.Handle is { } handle)
                {
                    _ = handle(channel, message.Span[0]);
                }

                return 0;
            }

            public (byte[] RequestId, bool IsUrgent) Peek(WireEncoding encoding, ReadOnlyMemory<byte> message) => ([], false);

            public void Cancel(WireEncoding encoding, ReadOnlyMemory<byte> message, bool isStopping)
            {
            }
        }
    }

    private sealed class PlainMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }

    private sealed class NoPushes : IPushPacker
    {
        public int IdOf(string key) => throw new NotSupportedException();

        public void Pack(MessageBuffer buffer, int eventId, object? data) => throw new NotSupportedException();
    }

    private sealed class NoGroups : IGroupKeeper, ISessionMemberships
    {
        public int Count => 0;

        public ISessionMemberships Create(Session session) => this;

        public bool Contains(string name) => false;

        public ValueTask<bool> AddAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Leave()
        {
        }

        public IEnumerator<string> GetEnumerator() => throw new NotSupportedException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class NoRedis : IRedisSource
    {
        public Redis.IRedisClient Client => throw new NotSupportedException();
    }
}
