public class SayToChannels : DuctsHandler
{
    private IHandlerManager? _manager;

    public override HandlerSpec? Setup(HandlerSpec spec, IHandlerManager manager)
    {
        _manager = manager;
        return spec;
    }

    public string Handle(string text)
    {
        _manager!.GetHandler<FollowChannel>().Say(text);
        return text;
    }
}
