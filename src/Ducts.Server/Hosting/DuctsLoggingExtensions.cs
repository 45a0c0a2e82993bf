using Ducts;
using Ducts.Telemetry.Logging;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Logging;

/// <summary>Adds the log of the <c>ducts</c> command to an application.</summary>
public static class DuctsLoggingExtensions
{
    /// <summary>Logs in the form of <see cref="DuctsOptions.Log"/>, with its lowest level.</summary>
    /// <param name="logging">The application's logging.</param>
    /// <param name="options">The options.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="IOException">The log file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The log file may not be written.</exception>
    public static ILoggingBuilder AddDuctsLog(this ILoggingBuilder logging, DuctsOptions options)
    {
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(options);
        var file = options.Log.LogFile.Length == 0 ? null : options.GetFullPath(options.Log.LogFile);
        // Handed over as a factory, so that the container disposes it and its last lines are written.
        var provider = new DuctsLoggerProvider(options.Log, file);
        logging.Services.AddSingleton<DuctsLoggerProvider>(_ => provider);
        logging.Services.AddSingleton<ILoggerProvider>(static services => services.GetRequiredService<DuctsLoggerProvider>());
        return logging.SetMinimumLevel(LogLevelName.Lowest(options.Log.LogLevel));
    }
}
