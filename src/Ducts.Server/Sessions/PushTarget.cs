namespace Ducts.Sessions;

/// <summary>Sessions of this server that one message can be sent to.</summary>
internal abstract class PushTarget(Broadcast broadcast) : IPushTarget
{
    /// <summary>Gets the sessions of the moment, without holding up who comes or goes.</summary>
    protected abstract IEnumerable<Session> Targets { get; }

    /// <summary>Gets what they have in common with sessions of other servers.</summary>
    protected abstract PushScope Scope { get; }

    public ValueTask<int> PushAsync(string key, object? data, CancellationToken cancellationToken = default) =>
        PushAsync(broadcast.IdOf(key), data, cancellationToken);

    public async ValueTask<int> PushAsync(int id, object? data, CancellationToken cancellationToken = default) =>
        (await SendAsync(id, data, null, PushMode.Wait, cancellationToken)).Reached;

    public ValueTask<PushResult> PushAsync(string key, object? data, PushMode mode, CancellationToken cancellationToken = default) =>
        PushAsync(broadcast.IdOf(key), data, mode, cancellationToken);

    public ValueTask<PushResult> PushAsync(int id, object? data, PushMode mode, CancellationToken cancellationToken = default) =>
        SendAsync(id, data, null, mode, cancellationToken);

    /// <summary>Sends a message of another server, in MessagePack, to the sessions.</summary>
    public void Receive(ReadOnlySpan<byte> packed, PushMode mode) => broadcast.Send(Targets, packed, mode);

    /// <summary>Sends a message to the sessions that match.</summary>
    protected ValueTask<PushResult> SendAsync(int id, object? data, Func<IEventSession, bool>? predicate, PushMode mode, CancellationToken cancellationToken)
    {
        if (!Enum.IsDefined(mode))
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "The mode is undefined.");
        }

        return broadcast.SendAsync(Targets, id, data, predicate, predicate is null ? Scope : null, mode, cancellationToken);
    }
}
