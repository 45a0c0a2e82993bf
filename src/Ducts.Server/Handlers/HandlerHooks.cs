using Ducts.Sessions;

namespace Ducts.Handlers;

/// <summary>Which handlers override which of the hooks that concern sessions.</summary>
internal sealed class HandlerHooks(IReadOnlyList<DuctsHandler> handlers)
{
    private readonly DuctsHandler[] _connected = Overriding(handlers, nameof(DuctsHandler.HandleConnectedAsync));
    private readonly DuctsHandler[] _waitReconnect = Overriding(handlers, nameof(DuctsHandler.HandleWaitReconnectAsync));
    private readonly DuctsHandler[] _reconnected = Overriding(handlers, nameof(DuctsHandler.HandleReconnectedAsync));
    private readonly DuctsHandler[] _closed = Overriding(handlers, nameof(DuctsHandler.HandleClosedAsync));

    /// <summary>Returns the handlers that have a hook for a change.</summary>
    public DuctsHandler[] Of(SessionChange change) => change switch
    {
        SessionChange.Connected => _connected,
        SessionChange.WaitsForReconnect => _waitReconnect,
        SessionChange.Reconnected => _reconnected,
        _ => _closed,
    };

    private static DuctsHandler[] Overriding(IReadOnlyList<DuctsHandler> handlers, string hook) =>
        [.. handlers.Where(handler => handler.GetType().GetMethod(hook, [typeof(IEventSession), typeof(CancellationToken)])?.DeclaringType != typeof(DuctsHandler))];
}
