using Ducts.Configuration;
using Ducts.Dispatch;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Handlers;

/// <summary>Constructs handlers: their parameters come from the service container, options of their own from the configuration.</summary>
internal sealed class HandlerActivator(IServiceProvider services, HandlerConfiguration configuration)
{
    private readonly ConfiguredServices _services = new(services, configuration.Sections);

    public DuctsHandler Create(Type type) => (DuctsHandler)ActivatorUtilities.CreateInstance(_services, type);

    private sealed class ConfiguredServices(IServiceProvider services, IConfiguration sections) : HandlerServices(services)
    {
        public override object? GetService(Type serviceType) =>
            IsOptions(serviceType) ? UserSection.Bind(serviceType, sections) : base.GetService(serviceType);

        public override bool IsService(Type serviceType) => IsOptions(serviceType) || base.IsService(serviceType);

        private static bool IsOptions(Type type) => type.IsDefined(typeof(ConfigAttribute), inherit: false);
    }
}
