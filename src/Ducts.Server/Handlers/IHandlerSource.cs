using Microsoft.Extensions.Primitives;

namespace Ducts.Handlers;

/// <summary>Provides handlers, such as those of a folder of files or of a compiled assembly.</summary>
public interface IHandlerSource
{
    /// <summary>Loads the current handlers. The result reports handlers that cannot be loaded; no exception is thrown for them.</summary>
    /// <param name="cancellationToken">Cancelled when the start is aborted.</param>
    Task<HandlerSet> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Returns a token that fires once when the source has changed, or null if the source never changes.</summary>
    IChangeToken? Watch();
}
