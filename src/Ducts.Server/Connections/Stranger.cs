using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>Owns a connection that is refused: nothing is sent to it but a close frame, and nothing of it is handled.</summary>
internal sealed class Stranger : IConnectionOwner, IMessageReceiver
{
    public string Name => "(none)";

    public Outbox Outbox { get; } = new(limit: 0);

    public bool HasCapacity => true;

    public ValueTask WaitForCapacityAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public IMessageReceiver CreateReceiver(Connection connection) => this;

    public bool TryAdmit(WireEncoding encoding, ReadOnlyMemory<byte> message) => false;

    public void Receive(WireEncoding encoding, ReadOnlyMemory<byte> message)
    {
    }

    public void OnRefused(int code)
    {
    }

    public bool TryHold(int bytes, bool force) => true;

    public ValueTask WaitToHoldAsync(int bytes, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void OnBlocked()
    {
    }

    public void OnUnblocked()
    {
    }
}
