namespace Ducts.Connections.Transport;

/// <summary>A feature of connections whose socket can be had for oneself once HTTP is done with it.</summary>
internal interface ISocketHandover
{
    /// <summary>
    /// Takes the socket: what has been written leaves first, then the transport neither reads nor writes it any more, and
    /// the end of the request does not close it. To be called once, after the upgrade.
    /// </summary>
    /// <returns>The socket; null when something lies between it and the request, such as TLS, or when it has ended.</returns>
    ValueTask<OwnedSocket?> TakeAsync();
}
