using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>Logs the start and stop of the server and of modules. Ids 5000 to 5099.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(5000, LogLevel.Information, "Completed configuration for file [{Files}]")]
    public static partial void Configured(ILogger logger, string files);

    [LoggerMessage(5001, LogLevel.Warning, "{Problem}")]
    public static partial void ConfigurationProblem(ILogger logger, string problem);

    [LoggerMessage(5002, LogLevel.Information, "{Note}")]
    public static partial void ConfigurationNote(ILogger logger, string note);

    [LoggerMessage(5003, LogLevel.Information, "START|SOCKET=('{Address}', {Port})")]
    public static partial void StartedNotice(ILogger logger, string address, int port);

    [LoggerMessage(5004, LogLevel.Information, "STOP|SIGNAL={Signal}")]
    public static partial void StoppingNotice(ILogger logger, string signal);

    [LoggerMessage(5005, LogLevel.Warning, "The status socket {Path} cannot be opened; ducts status shows no details: {Reason}")]
    public static partial void StatusUnavailable(ILogger logger, string path, string reason);

    [LoggerMessage(5006, LogLevel.Critical, "The start failed with an unexpected error; the process exits")]
    public static partial void StartFailed(ILogger logger, Exception fault);

    [LoggerMessage(5007, LogLevel.Information, "START|MODULE={Module}")]
    public static partial void ModuleStartedNotice(ILogger logger, string module);

    [LoggerMessage(5008, LogLevel.Information, "END|MODULE={Module}")]
    public static partial void ModuleEndedNotice(ILogger logger, string module);

    [LoggerMessage(5009, LogLevel.Critical, "FAILED|MODULE={Module}")]
    public static partial void ModuleFailed(ILogger logger, Exception fault, string module);

    [LoggerMessage(5011, LogLevel.Error, "ABANDONED|MODULE={Module}: it did not end within {Seconds} s (shutdown_timeout) after it was told to; the process ends without it")]
    public static partial void ModuleAbandoned(ILogger logger, string module, double seconds);

    [LoggerMessage(5010, LogLevel.Debug, "MEMORY|MIB={Before}; {After} after most sessions had gone and memory was given back")]
    public static partial void MemoryReturned(ILogger logger, long before, long after);
}
