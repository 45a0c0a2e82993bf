using Microsoft.Extensions.Primitives;

namespace Ducts.Handlers;

/// <summary>Where handlers come from: a folder of files, a compiled assembly.</summary>
public interface IHandlerSource
{
    /// <summary>Loads what is there now. Handlers that cannot be loaded are reported, not thrown.</summary>
    /// <param name="cancellationToken">Cancelled when the start is given up.</param>
    Task<HandlerSet> LoadAsync(CancellationToken cancellationToken);

    /// <summary>A token that fires once when the source has changed, or null when it never does.</summary>
    IChangeToken? Watch();
}
