using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>A parameter that comes from the service container by key.</summary>
internal sealed class KeyedServiceParameter<T>(object? key, bool optional) : Parameter<T>
{
    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        var services = frame.Target.Services;
        var service = optional
            ? (services as IKeyedServiceProvider)?.GetKeyedService(typeof(T), key)
            : services.GetRequiredKeyedService(typeof(T), key);
        value = (T)service!;
        return true;
    }
}
