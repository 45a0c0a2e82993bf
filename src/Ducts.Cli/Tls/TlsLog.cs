using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Tls;

/// <summary>Logs the server's certificate. Ids 5100 to 5109.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(5100, LogLevel.Information, "CERTIFICATE|{Certificate}")]
    public static partial void ReloadedNotice(ILogger logger, string certificate);

    [LoggerMessage(5101, LogLevel.Warning, "The changed certificate cannot be used; the one before it is still served: {Reason}")]
    public static partial void NotReloaded(ILogger logger, string reason);

    [LoggerMessage(5102, LogLevel.Warning, "The certificate {Path} {Problem}")]
    public static partial void Unusable(ILogger logger, string path, string problem);
}
