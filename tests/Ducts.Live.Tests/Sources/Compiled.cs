namespace Ducts.Live.Sources;

/// <summary>A handler of a compiled assembly.</summary>
[Event(2000, "COMPILED")]
public sealed class Compiled(Greeting greeting, IHandlerManager manager) : DuctsHandler
{
    public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager)
    {
        spec.Description = "Greets as it was told";
        return spec.SetAsResponsive();
    }

    public string Handle(string name) => $"{greeting.Word}, {name}! {manager.Specs.Count(static spec => spec.Responsive)}";
}
