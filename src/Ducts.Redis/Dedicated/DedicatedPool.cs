using System.Net;
using Ducts.Redis.Commands;
using Ducts.Redis.Connections;

namespace Ducts.Redis.Dedicated;

/// <summary>Dedicated connections: opened when asked for, kept for the next when given back as they were.</summary>
// Threading: the gate guards both lists.
internal sealed class DedicatedPool(RedisLink link, RedisClientOptions options) : IAsyncDisposable
{
    /// <summary>Transactions under way at once, each on a connection of its own: enough to hide the round trip.</summary>
    private const int Transactions = 8;

    private readonly Lock _gate = new();
    private readonly List<DedicatedLine> _idle = [];
    private readonly HashSet<DedicatedLine> _open = [];
    private readonly SemaphoreSlim _transactions = new(Transactions);
    private bool _isDisposed;

    public async ValueTask<RedisDedicatedConnection> OpenAsync(string? key, CancellationToken cancellationToken) =>
        new(await RentAsync(key, cancellationToken), this);

    /// <summary>Runs a transaction on a connection to the node of its first key.</summary>
    public async Task<IReadOnlyList<RedisReply>> RunTransactionAsync(RedisBatch commands)
    {
        await _transactions.WaitAsync();
        try
        {
            var line = await RentAsync(link.IsCluster ? KeyOf(commands) : null, CancellationToken.None);
            try
            {
                return await line.RunTransactionAsync(commands)
                    ?? throw new RedisErrorException("EXECABORT A watched key changed; nothing was carried out.");
            }
            finally
            {
                await ReturnAsync(line);
            }
        }
        finally
        {
            _transactions.Release();
        }
    }

    public async ValueTask ReturnAsync(DedicatedLine line)
    {
        lock (_gate)
        {
            _open.Remove(line);
            if (!_isDisposed && line.IsReusable && _idle.Count < options.DedicatedPoolSize)
            {
                _idle.Add(line);
                return;
            }
        }

        await line.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        DedicatedLine[] lines;
        lock (_gate)
        {
            _isDisposed = true;
            lines = [.. _idle, .. _open];
            _idle.Clear();
            _open.Clear();
        }

        foreach (var line in lines)
        {
            await line.DisposeAsync();
        }
    }

    private static string? KeyOf(RedisBatch commands)
    {
        foreach (var (name, arguments) in commands.Commands)
        {
            if (CommandKeys.FirstIn(name, arguments) is >= 0 and var index)
            {
                return arguments[index].ToString();
            }
        }

        return null;
    }

    private async Task<DedicatedLine> RentAsync(string? key, CancellationToken cancellationToken)
    {
        var node = NodeOf(key);
        if (TakeIdle(node) is { } kept)
        {
            return kept;
        }

        var line = await DedicatedLine.OpenAsync(link, node, options, cancellationToken);
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _open.Add(line);
                return line;
            }
        }

        await line.DisposeAsync();
        throw new ObjectDisposedException(nameof(RedisClient));
    }

    private DedicatedLine? TakeIdle(EndPoint? node)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisClient));
            for (var i = _idle.Count - 1; i >= 0; i--)
            {
                var line = _idle[i];
                if (Equals(line.Node, node))
                {
                    _idle.RemoveAt(i);
                    if (line.IsReusable)
                    {
                        _open.Add(line);
                        return line;
                    }

                    _ = line.DisposeAsync().AsTask();
                }
            }
        }

        return null;
    }

    private EndPoint? NodeOf(string? key)
    {
        if (!link.IsCluster)
        {
            return link.Target.SentinelName is null && link.Target.EndPoints.Count > 1 ? link.Masters.FirstOrDefault(static server => server.IsConnected)?.EndPoint : null;
        }

        var masters = link.Masters;
        var owner = key is null
            ? masters.FirstOrDefault(static server => server.IsConnected)
            : link.Multiplexer.GetServer((StackExchange.Redis.RedisKey)key, flags: StackExchange.Redis.CommandFlags.DemandMaster);
        return owner?.EndPoint ?? throw RedisUnavailableException.NotSent("No node of the Redis cluster is known.");
    }
}
