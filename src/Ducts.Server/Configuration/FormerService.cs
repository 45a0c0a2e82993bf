using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Configuration;

/// <summary>A service that an application has registered and another is put before.</summary>
internal static class FormerService
{
    /// <summary>Finds what is registered by now.</summary>
    /// <param name="services">The services so far.</param>
    /// <param name="otherwise">Creates what stands there where nothing is registered.</param>
    /// <returns>Creates the registered service.</returns>
    public static Func<IServiceProvider, T> Find<T>(IServiceCollection services, Func<IServiceProvider, T> otherwise)
        where T : class
    {
        var descriptor = services.LastOrDefault(static service => service.ServiceType == typeof(T) && !service.IsKeyedService);
        return provider => descriptor switch
        {
            { ImplementationInstance: T instance } => instance,
            { ImplementationFactory: { } factory } => (T)factory(provider),
            { ImplementationType: { } type } => (T)ActivatorUtilities.CreateInstance(provider, type),
            _ => otherwise(provider),
        };
    }
}
