/// <summary>Says what it is sent to the followers of another handler.</summary>
public abstract class Speaker<T> : DuctsHandler
    where T : DuctsHandler
{
    private IHandlerManager? _manager;

    protected T Followers => _manager!.GetHandler<T>();

    public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager)
    {
        _manager = manager;
        return spec;
    }
}
