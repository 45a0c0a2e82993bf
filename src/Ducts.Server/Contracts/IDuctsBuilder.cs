using Microsoft.Extensions.DependencyInjection;

namespace Ducts;

/// <summary>Configures optional parts of a Ducts server through extension methods. <c>AddDucts</c> returns it.</summary>
public interface IDuctsBuilder
{
    /// <summary>Gets the application's services.</summary>
    IServiceCollection Services { get; }
}

internal sealed class DuctsBuilder(IServiceCollection services) : IDuctsBuilder
{
    public IServiceCollection Services => services;
}
