using Ducts.Redis.Commands;
using Ducts.Redis.Connections;
using Ducts.Redis.Dedicated;
using StackExchange.Redis;

namespace Ducts.Redis;

/// <summary>
/// A connection of one's own: for blocking commands (BLPOP, XREAD BLOCK…), for WATCH with MULTI and EXEC, for MONITOR.
/// It is not regained when lost: its commands then fail, and another one is to be opened. Commands may be issued from
/// any thread; Redis runs them one after the other. In a cluster it leads to one node, and MOVED and ASK are its caller's.
/// </summary>
public sealed class RedisDedicatedConnection : IAsyncDisposable
{
    private readonly DedicatedLine _line;
    private readonly DedicatedPool _pool;
    private int _isDisposed;

    internal RedisDedicatedConnection(DedicatedLine line, DedicatedPool pool)
    {
        _line = line;
        _pool = pool;
    }

    /// <summary>Whether the connection stands.</summary>
    public bool IsConnected => _isDisposed == 0 && _line.IsConnected;

    /// <summary>Where it leads.</summary>
    public string Endpoint => _line.Endpoint;

    /// <summary>Runs a command. A blocking command may take as long as it is asked to; others the command timeout.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The raw reply, bulk strings as bytes; between MULTI and EXEC the status QUEUED.</returns>
    /// <exception cref="RedisErrorException">Redis answered with an error.</exception>
    /// <exception cref="RedisUnavailableException">The connection was lost, or there was no reply in time.</exception>
    /// <exception cref="InvalidOperationException">The command belongs to subscriptions or to the client's own talk with Redis (SUBSCRIBE, HELLO, AUTH, QUIT…).</exception>
    /// <exception cref="ObjectDisposedException">The connection was given back.</exception>
    public ValueTask<RedisReply> ExecuteAsync(string command, params ReadOnlySpan<RedisArgument> arguments) =>
        ExecuteAsync(command, arguments, CancellationToken.None);

    /// <summary>Runs a command. A blocking command may take as long as it is asked to; others the command timeout.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellationToken">Ends the waiting; the command stays with Redis, and the connection is not used again afterwards.</param>
    /// <returns>The raw reply, bulk strings as bytes; between MULTI and EXEC the status QUEUED.</returns>
    /// <exception cref="RedisErrorException">Redis answered with an error.</exception>
    /// <exception cref="RedisUnavailableException">The connection was lost, or there was no reply in time.</exception>
    /// <exception cref="InvalidOperationException">The command belongs to subscriptions or to the client's own talk with Redis (SUBSCRIBE, HELLO, AUTH, QUIT…).</exception>
    /// <exception cref="ObjectDisposedException">The connection was given back.</exception>
    public ValueTask<RedisReply> ExecuteAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken) =>
        Send(command, arguments, static reply => reply, cancellationToken);

    /// <summary>As <see cref="ExecuteAsync(string, ReadOnlySpan{RedisArgument})"/>, with every bulk string decoded as UTF-8.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The reply, bulk strings as text.</returns>
    /// <exception cref="RedisErrorException">Redis answered with an error.</exception>
    /// <exception cref="RedisUnavailableException">The connection was lost, or there was no reply in time.</exception>
    /// <exception cref="InvalidOperationException">The command belongs to subscriptions or to the client's own talk with Redis (SUBSCRIBE, HELLO, AUTH, QUIT…).</exception>
    /// <exception cref="ObjectDisposedException">The connection was given back.</exception>
    public ValueTask<RedisReply> ExecuteStringAsync(string command, params ReadOnlySpan<RedisArgument> arguments) =>
        Send(command, arguments, static reply => reply.Decoded(), CancellationToken.None);

    /// <summary>Runs commands as one transaction (MULTI, the commands, EXEC), after WATCH if one likes.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The replies in order, a failed command's as an error value; null when a watched key had changed, and nothing was carried out.</returns>
    /// <exception cref="RedisErrorException">Redis refused a command before the transaction began; none was carried out.</exception>
    /// <exception cref="RedisUnavailableException">The connection was lost, or there was no reply in time.</exception>
    /// <exception cref="ObjectDisposedException">The connection was given back.</exception>
    public ValueTask<IReadOnlyList<RedisReply>?> TransactionAsync(RedisBatch commands, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);

        // Before anything is noted of the line, which may be another's by now.
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        _line.IsInTransaction = false;
        return new(_line.RunTransactionAsync(commands).WaitAsync(cancellationToken));
    }

    /// <summary>Reads what MONITOR shows, after it was run; the connection runs no further commands then.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The values; ends when the connection is disposed of.</returns>
    /// <exception cref="RedisUnavailableException">The connection was lost.</exception>
    /// <exception cref="RedisSubscriberLimitException">The reader fell too far behind.</exception>
    public IAsyncEnumerable<RedisReply> ReadUnaskedAsync(CancellationToken cancellationToken = default) =>
        _line.Unasked.ReadAllAsync(cancellationToken);

    /// <summary>Gives the connection back; one that is not as it was opened is closed.</summary>
    /// <returns>At once, or when it is closed.</returns>
    public ValueTask DisposeAsync() =>
        Interlocked.Exchange(ref _isDisposed, 1) == 0 ? _pool.ReturnAsync(_line) : ValueTask.CompletedTask;

    private ValueTask<T> Send<T>(string name, ReadOnlySpan<RedisArgument> arguments, Func<RedisReply, T> convert, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        CommandRules.ThrowIfUnusable(name, arguments);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        _line.IsChanged |= CommandRules.IsLasting(name);
        _line.IsInTransaction = CommandRules.IsTransactionOpenAfter(name, _line.IsInTransaction);
        return SendAsync(
            name, ReplyReader.Write(name, arguments, default, isCluster: false, out _), CommandRules.MayBlock(name, arguments), convert, cancellationToken);
    }

    private async ValueTask<T> SendAsync<T>(string name, object[] arguments, bool mayBlock, Func<RedisReply, T> convert, CancellationToken cancellationToken)
    {
        var isMonitor = name.Equals("MONITOR", StringComparison.OrdinalIgnoreCase);
        try
        {
            var reply = _line.RunAsync(name, arguments, mayBlock, cancellationToken);
            if (isMonitor)
            {
                // At once: lines may come with the answer.
                _line.BeginMonitor();
            }

            return convert(ReplyReader.Read(await reply));
        }
        catch (RedisServerException exception)
        {
            throw FailureReader.Read(exception);
        }
    }
}
