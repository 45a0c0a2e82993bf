namespace Ducts;

/// <summary>
/// Provides the base class of a module: a program beside the server, such as a bot that reads a stream, started with
/// <c>ducts NAME start</c>. Its constructor parameters come from the service container.
/// </summary>
public abstract class DuctsModule
{
    /// <summary>Runs the module. The process ends when the returned task completes.</summary>
    /// <param name="context">Gives access to Redis, the log, the configuration and the services.</param>
    /// <param name="stopping">Cancelled when the module is asked to stop.</param>
    public abstract Task RunAsync(IModuleContext context, CancellationToken stopping);
}
