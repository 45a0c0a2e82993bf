using Ducts.Cluster;
using Ducts.Redis;

namespace Ducts.Tests.Cluster;

/// <summary>A node's view of Redis that can be cut: the node goes on, and reaches nothing.</summary>
internal sealed class CutStore(IClusterStore inner) : IClusterStore
{
    private volatile bool _isCut;

    public bool IsCut
    {
        get => _isCut;
        set => _isCut = value;
    }

    private IClusterStore Inner => _isCut ? throw new RedisUnavailableException("Redis has been cut off by the test.") : inner;

    public ValueTask RegisterAsync(string node, string address, CancellationToken cancellationToken) => Inner.RegisterAsync(node, address, cancellationToken);

    public ValueTask<bool> RaiseAsync(string node, CancellationToken cancellationToken) => Inner.RaiseAsync(node, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => Inner.ListAsync(cancellationToken);

    public ValueTask<NodeState> ReadNodeAsync(string node, CancellationToken cancellationToken) => Inner.ReadNodeAsync(node, cancellationToken);

    public ValueTask<bool> MarkAsync(string node, long lease, CancellationToken cancellationToken) => Inner.MarkAsync(node, lease, cancellationToken);

    public ValueTask<bool> ForgetAsync(string node, CancellationToken cancellationToken) => Inner.ForgetAsync(node, cancellationToken);

    public ValueTask<bool> NoteAsync(string node, string streamId, CancellationToken cancellationToken) => Inner.NoteAsync(node, streamId, cancellationToken);

    public ValueTask UnnoteAsync(string node, string streamId, CancellationToken cancellationToken) => Inner.UnnoteAsync(node, streamId, cancellationToken);

    public ValueTask<IReadOnlyList<string>> SampleAsync(string node, int count, CancellationToken cancellationToken) => Inner.SampleAsync(node, count, cancellationToken);

    public ValueTask<SessionRecord> TakeAsync(string node, string streamId, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken) =>
        Inner.TakeAsync(node, streamId, fields, cancellationToken);

    public ValueTask<SessionRecord?> ReadAsync(string streamId, CancellationToken cancellationToken) => Inner.ReadAsync(streamId, cancellationToken);

    /// <summary>Whether the node hears nothing of what it claims.</summary>
    public bool LosesClaims { get; set; }

    /// <summary>Cancelled as soon as a session has been claimed, before the node hears of it.</summary>
    public CancellationTokenSource? Claimed { get; set; }

    public async ValueTask<long> ClaimAsync(string node, string streamId, string owner, long epoch, CancellationToken cancellationToken)
    {
        var claimed = await Inner.ClaimAsync(node, streamId, owner, epoch, cancellationToken);
        if (Claimed is { } cancelled)
            await cancelled.CancelAsync();
        if (LosesClaims)
            throw new RedisUnavailableException("The answer has been lost by the test.");
        cancellationToken.ThrowIfCancellationRequested();
        return claimed;
    }

    public ValueTask<bool> WriteAsync(string streamId, long epoch, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken) =>
        Inner.WriteAsync(streamId, epoch, fields, cancellationToken);

    public ValueTask<bool> EndAsync(string streamId, long epoch, TimeSpan? isOver, CancellationToken cancellationToken) =>
        Inner.EndAsync(streamId, epoch, isOver, cancellationToken);
}
