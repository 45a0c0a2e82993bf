using Ducts;
using Ducts.Telemetry.Logging;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Logging;

/// <summary>Provides an extension method that adds the log of the <c>ducts</c> command to an application.</summary>
public static class DuctsLoggingExtensions
{
    /// <summary>Adds a log with the format, destination and lowest level of <see cref="DuctsOptions.Log"/>.</summary>
    /// <param name="logging">The application's logging builder.</param>
    /// <param name="options">The options.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="IOException">The log file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write the log file.</exception>
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
