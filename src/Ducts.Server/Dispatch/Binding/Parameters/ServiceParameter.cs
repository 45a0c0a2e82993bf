using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>A parameter that comes from the service container; one that may be null is null when it is not registered.</summary>
internal sealed class ServiceParameter<T>(bool optional) : Parameter<T>
{
    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        var services = frame.Target.Services;
        value = (T)(optional ? services.GetService(typeof(T)) : services.GetRequiredService(typeof(T)))!;
        return true;
    }
}
