using System.Reflection;
using Ducts.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Handlers;

/// <summary>Constructs handlers: their parameters come from the service container, options of their own from the configuration.</summary>
internal sealed class HandlerActivator(IServiceProvider services, HandlerConfiguration configuration)
{
    private readonly IServiceProvider _services = new ConfiguredServices(services, configuration.Sections);

    public DuctsHandler Create(Type type) => (DuctsHandler)ActivatorUtilities.CreateInstance(_services, type);

    private sealed class ConfiguredServices(IServiceProvider services, IConfiguration sections) : IServiceProvider, IServiceProviderIsService
    {
        private readonly IServiceProviderIsService? _known = services.GetService<IServiceProviderIsService>();

        public object? GetService(Type serviceType)
        {
            if (serviceType == typeof(IServiceProviderIsService))
                return this;
            return IsOptions(serviceType) ? UserSection.Bind(serviceType, sections) : services.GetService(serviceType);
        }

        public bool IsService(Type serviceType) => IsOptions(serviceType) || _known?.IsService(serviceType) == true;

        private static bool IsOptions(Type type) => type.IsDefined(typeof(ConfigAttribute), inherit: false);
    }
}
