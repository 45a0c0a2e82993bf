namespace Ducts.Client;

/// <summary>A message that waits to be sent; without bytes it is the close frame.</summary>
internal sealed class Outgoing(ReadOnlyMemory<byte> bytes, Reply? reply, TaskCompletionSource? sent)
{
    public static Outgoing Close { get; } = new(default, null, null);

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>Whether nobody wants it sent any more.</summary>
    public bool IsAbandoned => reply is { IsAbandoned: true };

    public void Sent() => sent?.TrySetResult();

    public void Fail(Exception exception)
    {
        reply?.Fail(exception);
        sent?.TrySetException(exception);
    }
}
