namespace Ducts;

/// <summary>
/// The base of a module: a program beside the server, such as a bot that reads a stream, started with
/// <c>ducts NAME start</c>. Its constructor parameters come from the service container.
/// </summary>
public abstract class DuctsModule
{
    /// <summary>Runs the module; the process ends when this does.</summary>
    /// <param name="context">Redis, log, configuration and services.</param>
    /// <param name="stopping">Cancelled when the module is asked to stop.</param>
    public abstract Task RunAsync(IModuleContext context, CancellationToken stopping);
}
