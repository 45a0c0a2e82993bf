using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Hosting;

internal sealed class DuctsBuilder(IServiceCollection services) : IDuctsBuilder
{
    public IServiceCollection Services => services;
}
