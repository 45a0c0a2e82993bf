namespace Ducts.Connections;

/// <summary>What one thread is dispatching at the moment, for <see cref="DispatchWatch"/> to look at.</summary>
internal sealed class DispatchSlot
{
    [ThreadStatic]
    private static DispatchSlot? _current;

    private volatile ReceiveLoop? _loop;

    /// <summary>The calling thread's slot.</summary>
    public static DispatchSlot Current => _current ??= DispatchWatch.Register(new DispatchSlot(), Thread.CurrentThread);

    public ReceiveLoop? Loop
    {
        get => _loop;
        set => _loop = value;
    }
}
