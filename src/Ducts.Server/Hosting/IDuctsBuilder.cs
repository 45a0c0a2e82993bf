using Microsoft.Extensions.DependencyInjection;

namespace Ducts;

/// <summary>What <c>AddDucts</c> returns: more is added to a server through extension methods of this.</summary>
public interface IDuctsBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }
}
