namespace Ducts.Handlers;

/// <summary>Which handlers override which of the hooks that concern sessions.</summary>
internal sealed class HandlerHooks(IReadOnlyList<DuctsHandler> handlers)
{
    public DuctsHandler[] Connected { get; } = Overriding(handlers, nameof(DuctsHandler.HandleConnectedAsync));

    public DuctsHandler[] WaitReconnect { get; } = Overriding(handlers, nameof(DuctsHandler.HandleWaitReconnectAsync));

    public DuctsHandler[] Reconnected { get; } = Overriding(handlers, nameof(DuctsHandler.HandleReconnectedAsync));

    public DuctsHandler[] Closed { get; } = Overriding(handlers, nameof(DuctsHandler.HandleClosedAsync));

    private static DuctsHandler[] Overriding(IReadOnlyList<DuctsHandler> handlers, string hook) =>
        [.. handlers.Where(handler => handler.GetType().GetMethod(hook, [typeof(IEventSession)])?.DeclaringType != typeof(DuctsHandler))];
}
