namespace Ducts.Redis;

/// <summary>Dedicated connections: opened when asked for, kept for the next when given back as they were.</summary>
// Threading: the gate guards both lists.
internal sealed class DedicatedPool(CommandRouter router, RedisClientOptions options, CompletionQueue completions, RedisClock clock) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<DedicatedLine> _idle = [];
    private readonly List<DedicatedLine> _open = [];
    private bool _isDisposed;

    public RedisClock Clock => clock;

    public async ValueTask<RedisDedicatedConnection> OpenAsync(string? key, CancellationToken cancellationToken)
    {
        // In a cluster a kept connection may lead to another node than the key's.
        if (key is null || router is SingleRouter)
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisClient));
                while (_idle.TryPop(out var kept))
                {
                    if (kept.IsReusable)
                    {
                        _open.Add(kept);
                        return new RedisDedicatedConnection(kept, this);
                    }
                }
            }
        }

        var line = new DedicatedLine(completions, options);
        await line.OpenAsync(router.EndpointFor(key), cancellationToken);
        var isDisposed = false;
        lock (_gate)
        {
            isDisposed = _isDisposed;
            if (!isDisposed)
            {
                _open.Add(line);
            }
        }

        if (isDisposed)
        {
            await line.CloseAsync();
            throw new ObjectDisposedException(nameof(RedisClient));
        }

        return new RedisDedicatedConnection(line, this);
    }

    public async ValueTask ReturnAsync(DedicatedLine line)
    {
        lock (_gate)
        {
            _open.Remove(line);
            if (!_isDisposed && line.IsReusable && _idle.Count < options.DedicatedPoolSize)
            {
                _idle.Push(line);
                return;
            }
        }

        await line.CloseAsync();
    }

    public void Sweep(long now)
    {
        lock (_gate)
        {
            foreach (var line in _open)
            {
                line.Pipeline.Sweep(now);
            }
        }
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
            await line.CloseAsync();
        }
    }
}
