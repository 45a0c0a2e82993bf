namespace Ducts.Connections;

/// <summary>Owns a connection: provides the messages to send and handles those that are received.</summary>
internal interface IConnectionOwner
{
    /// <summary>Gets the owner's name in the log.</summary>
    string Name { get; }

    /// <summary>Gets what is to be sent; it outlives the connection.</summary>
    Outbox Outbox { get; }

    /// <summary>Gets whether messages may be read, which then are handled or wait. The connection is not read while it is false.</summary>
    bool HasCapacity { get; }

    /// <summary>Waits until messages may be read.</summary>
    ValueTask WaitForCapacityAsync(CancellationToken cancellationToken);

    /// <summary>Creates a receiver for one receive loop of a connection.</summary>
    IMessageReceiver CreateReceiver(Connection connection);
}
