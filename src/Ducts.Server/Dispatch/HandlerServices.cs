using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Dispatch;

/// <summary>
/// The application's services as handlers get them. A container remembers every type that it was ever asked for, and a
/// handler asks for a logger of its own type; so that one is made here, and replaced handlers can be unloaded.
/// </summary>
/// <param name="services">The container, or a scope of it.</param>
internal class HandlerServices(IServiceProvider services) : IKeyedServiceProvider, IServiceProviderIsService
{
    private static readonly ConditionalWeakTable<Type, object> Loggers = [];

    /// <summary>Gets the container, or the scope, that has the services.</summary>
    protected virtual IServiceProvider Inner => services;

    public virtual object? GetService(Type serviceType)
    {
        if (serviceType == typeof(IServiceProvider) || serviceType == typeof(IServiceProviderIsService))
            return this;
        return IsOwnLogger(serviceType) ? Loggers.GetValue(serviceType, MakeLogger) : Inner.GetService(serviceType);
    }

    public object? GetKeyedService(Type serviceType, object? serviceKey) => (Inner as IKeyedServiceProvider)?.GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => Inner.GetRequiredKeyedService(serviceType, serviceKey);

    public virtual bool IsService(Type serviceType) => services.GetService<IServiceProviderIsService>()?.IsService(serviceType) == true;

    private static bool IsOwnLogger(Type type) =>
        type.IsCollectible && type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(ILogger<>);

    private object MakeLogger(Type type) => Activator.CreateInstance(
        typeof(Logger<>).MakeGenericType(type.GetGenericArguments()),
        services.GetRequiredService<ILoggerFactory>())!;
}
