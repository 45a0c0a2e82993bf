using Microsoft.Extensions.Logging;

namespace Ducts.Telemetry.Logging;

/// <summary>
/// The level's name in the log. NOTICE, between INFO and WARNING, is an Information whose event is named
/// <c>…Notice</c>, as a <c>[LoggerMessage]</c> method of such a name is.
/// </summary>
internal static class LogLevelName
{
    private const string NoticeSuffix = "Notice";

    public static string Of(LogLevel level, EventId eventId) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => IsNotice(eventId) ? "NOTICE" : "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };

    public static bool IsNotice(EventId eventId) => eventId.Name is { } name && name.EndsWith(NoticeSuffix, StringComparison.Ordinal);

    /// <summary>The lowest level of <c>log_level</c>; NOTICE lets Information through, of which only notices are written.</summary>
    public static LogLevel Lowest(DuctsLogLevel level) => level switch
    {
        DuctsLogLevel.Debug => LogLevel.Debug,
        DuctsLogLevel.Warning => LogLevel.Warning,
        DuctsLogLevel.Error => LogLevel.Error,
        DuctsLogLevel.Critical => LogLevel.Critical,
        _ => LogLevel.Information,
    };
}
