using System.Collections.Concurrent;
using GuestBook.Data;
using Microsoft.EntityFrameworkCore;

namespace Ducts.Samples.Tests.Support;

/// <summary>The sample's database context, which tells when it comes and goes.</summary>
internal sealed class TracedContext : GuestBookContext
{
    private readonly ContextTrace _trace;
    private volatile bool _isDisposed;

    public TracedContext(DbContextOptions<GuestBookContext> options, ContextTrace trace)
        : base(options)
    {
        _trace = trace;
        trace.Contexts.Enqueue(this);
    }

    public bool IsDisposed => _isDisposed;

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        await _trace.MeetAsync();
        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _isDisposed = true;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _isDisposed = true;
    }
}

/// <summary>All contexts of an application.</summary>
internal sealed class ContextTrace
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing;

    public ConcurrentQueue<TracedContext> Contexts { get; } = new();

    /// <summary>Forgets the contexts so far, once all of them are disposed of.</summary>
    public async Task ClearAsync()
    {
        await AllDisposedAsync();
        Contexts.Clear();
    }

    public Task AllDisposedAsync() => Until.TrueAsync(() => Contexts.All(static context => context.IsDisposed));

    /// <summary>Makes the next so many saves wait for each other.</summary>
    public void LetMeet(int saves) => Volatile.Write(ref _missing, saves);

    public Task MeetAsync()
    {
        var missing = Interlocked.Decrement(ref _missing);
        if (missing == 0)
        {
            _met.TrySetResult();
        }

        return missing < 0 ? Task.CompletedTask : _met.Task.WaitAsync(Until.Patience);
    }
}
