using System.Net;
using System.Threading.Channels;
using Ducts.Redis.Commands;
using Ducts.Redis.Connections;
using StackExchange.Redis;

namespace Ducts.Redis.Dedicated;

/// <summary>A connection that one caller has at a time: a multiplexer of a single connection that is not regained.</summary>
// Threading: commands from any thread; the gate keeps those that belong together in one piece.
internal sealed class DedicatedLine : IAsyncDisposable
{
    /// <summary>
    /// SELECT as the library's map of commands has it here: told that the server has no SELECT, the library sends none of
    /// its own, which it otherwise does behind commands that it does not know; so ours takes a name that nobody may use.
    /// </summary>
    private const string SelectAlias = "SYNC";

    private static readonly CommandMap ServerCommands = CommandMap.Create(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
    {
        ["ECHO"] = "PING",
        ["SELECT"] = null,
        [SelectAlias] = "SELECT",
    });

    private static readonly CommandMap NodeCommands = CommandMap.Create(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
    {
        ["ECHO"] = "PING",
        ["SELECT"] = null,
        [SelectAlias] = "SELECT",
        ["CLUSTER"] = null,
    });

    private readonly Lock _gate = new();
    private readonly RedisLink _link;
    private readonly RedisClientOptions _options;
    private readonly Channel<RedisReply> _unasked;
    private ConnectionMultiplexer _multiplexer = null!;
    private RedisTransport _transport = null!;
    private IServer _server = null!;
    private WatchedStream? _stream;
    private Task _blocking = Task.CompletedTask;
    private Task _last = Task.CompletedTask;
    private bool _isMonitoring;

    private DedicatedLine(RedisLink link, RedisClientOptions options)
    {
        _link = link;
        _options = options;
        _unasked = Channel.CreateBounded<RedisReply>(new BoundedChannelOptions(options.SubscriberLimit) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>Gets the server as the link knows it; null where there is only one.</summary>
    public EndPoint? Node { get; private set; }

    public string Endpoint => _stream?.Endpoint ?? _link.Endpoint;

    public bool IsConnected => _stream is { IsClosed: false };

    /// <summary>Gets or sets whether the connection is no longer as it was opened.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Gets or sets whether keys are watched or commands queued.</summary>
    public bool IsInTransaction { get; set; }

    public bool IsReusable => !IsChanged && !IsInTransaction && IsConnected && _last.IsCompleted;

    public ChannelReader<RedisReply> Unasked => _unasked.Reader;

    /// <summary>Opens a connection to a node of the link, or to its only one.</summary>
    /// <exception cref="RedisUnavailableException">It cannot be opened now.</exception>
    /// <exception cref="RedisErrorException">Redis refused the user, the password or the database.</exception>
    public static async Task<DedicatedLine> OpenAsync(RedisLink link, EndPoint? node, RedisClientOptions options, CancellationToken cancellationToken)
    {
        var line = new DedicatedLine(link, options) { Node = node };
        var transport = new RedisTransport(link.Target, options, isForOneConnection: true) { Lost = line.OnLost };
        var configuration = link.Target.Configure(transport, node ?? link.Target.EndPoints[0]);

        // Nothing of the library's own may come between the caller's commands, which may be in a transaction: no heartbeat,
        // no SELECT, no look at a cluster's map.
        configuration.KeepAlive = int.MaxValue / 1000;
        configuration.ConfigCheckSeconds = 0;
        configuration.DefaultDatabase = null;
        configuration.CommandMap = link.IsCluster ? NodeCommands : ServerCommands;
        line._transport = transport;
        line._multiplexer = await MultiplexerOpener.OpenAsync(configuration, transport, options, cancellationToken);
        line._server = line._multiplexer.GetServers()[0];
        line._server.AllowReplicaWrites = true;
        line._stream = transport.Single;
        if (link.Target.Database == 0)
        {
            return line;
        }

        try
        {
            await line.RunAsync("SELECT", [link.Target.Database], mayBlock: false, cancellationToken);
            return line;
        }
        catch (Exception exception)
        {
            await line.DisposeAsync();
            throw FailureReader.Read(exception);
        }
    }

    /// <summary>Sends a command and awaits its reply, which a blocking command may take its time for.</summary>
    public async Task<RedisResult> RunAsync(string name, object[] arguments, bool mayBlock, CancellationToken cancellationToken)
    {
        Task<RedisResult> reply;
        Task blocking;
        lock (_gate)
        {
            reply = Start(name, arguments);
            blocking = _blocking;
            if (mayBlock)
            {
                _blocking = reply;
            }
        }

        try
        {
            if (mayBlock)
            {
                return await reply.WaitAsync(cancellationToken);
            }

            if (!blocking.IsCompleted)
            {
                // It waits its turn behind a command that blocks by right.
                await Task.WhenAny(blocking, reply).WaitAsync(cancellationToken);
            }

            return await reply.WaitAsync(_options.CommandTimeout, _options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            IsChanged = true;
            throw RedisUnavailableException.Unanswered("Redis did not answer in time.", exception);
        }
        catch (Exception exception) when (exception is not RedisServerException)
        {
            IsChanged = true;
            throw FailureReader.Read(exception);
        }
    }

    /// <summary>Runs commands between MULTI and EXEC; null when a watched key had changed.</summary>
    public async Task<IReadOnlyList<RedisReply>?> RunTransactionAsync(RedisBatch commands)
    {
        var sent = new Task<RedisResult>[commands.Count + 2];
        lock (_gate)
        {
            sent[0] = Start("MULTI", []);
            for (var i = 0; i < commands.Count; i++)
            {
                var (name, arguments) = commands.Commands[i];
                sent[i + 1] = Start(name, ReplyReader.Write(name, arguments, default, isCluster: false, out _));
            }

            sent[^1] = Start("EXEC", []);
        }

        var reading = BatchRunner.ReadAsync(sent);
        try
        {
            return ReadTransaction(await reading.WaitAsync(_options.CommandTimeout, _options.TimeProvider));
        }
        catch (TimeoutException exception)
        {
            IsChanged = true;
            throw RedisUnavailableException.Unanswered("Redis did not answer in time.", exception);
        }
    }

    /// <summary>Begins to hand on what MONITOR shows.</summary>
    public void BeginMonitor()
    {
        if (_link.Target.IsEncryptedByLibrary)
        {
            throw new NotSupportedException("MONITOR over TLS needs a rediss:// URI in place of a connection string.");
        }

        _isMonitoring = true;
        _stream?.DivertMonitor(line =>
        {
            if (!_unasked.Writer.TryWrite(RedisReply.OfText(RedisReplyKind.SimpleString, line)))
            {
                _unasked.Writer.TryComplete(new RedisSubscriberLimitException($"The reader fell more than {_options.SubscriberLimit} messages behind."));
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        _unasked.Writer.TryComplete();
        await MultiplexerOpener.CloseAsync(_multiplexer, _transport, "The dedicated connection was closed.");
    }

    private static RedisReply[]? ReadTransaction(RedisReply[] replies)
    {
        var executed = replies[^1];
        if (executed.IsNull)
        {
            return null;
        }

        if (!executed.IsError)
        {
            return executed.Items.ToArray();
        }

        // The first refusal says more than EXEC's EXECABORT.
        throw new RedisErrorException(replies.First(static reply => reply.IsError).ErrorText);
    }

    // Under the gate.
    private Task<RedisResult> Start(string name, object[] arguments)
    {
        if (_isMonitoring)
        {
            throw new InvalidOperationException("The connection shows what MONITOR sees, and runs no further commands; open another one.");
        }

        // Replies come in order, so that the last one says it for all.
        var reply = _server.ExecuteAsync(
            0, name.Equals("SELECT", StringComparison.OrdinalIgnoreCase) ? SelectAlias : name, arguments, CommandFlags.NoRedirect);
        _last = reply;
        return reply;
    }

    private void OnLost(WatchedStream stream) =>
        _unasked.Writer.TryComplete(new RedisUnavailableException("The dedicated connection to Redis was lost."));
}
