using Microsoft.Extensions.Options;

namespace Ducts.Connections;

/// <summary>Creates the connections of one server.</summary>
internal sealed class ConnectionFactory(IOptions<DuctsOptions> options, DispatchWatch watch, TimerWheel wheel, TimeProvider time, ConnectionLog log)
{
    public Connection Create(IConnectionOwner owner, WebSocketTransport transport) =>
        new(owner, transport, options.Value.WebSocketServer, watch, wheel, time, log);
}
