using Microsoft.Extensions.Logging;

namespace Ducts.WebApis;

internal static partial class WebApiLog
{
    [LoggerMessage(6100, LogLevel.Error, "{Method} {Path} failed; the client receives an error response. Reference: {Reference}")]
    public static partial void Failed(this ILogger logger, Exception exception, string method, string path, string reference);

    [LoggerMessage(6101, LogLevel.Error, "{Method} {Path} failed after the response had started; the connection is aborted")]
    public static partial void CutOff(this ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(6102, LogLevel.Debug, "{Method} {Path} was rejected with status {Status}: {Reason}")]
    public static partial void Refused(this ILogger logger, string method, string path, int status, string reason);

    [LoggerMessage(6103, LogLevel.Warning, "A Web API was not mapped: {Problem}")]
    public static partial void RouteLeftOut(this ILogger logger, string problem);

    [LoggerMessage(6104, LogLevel.Warning, "The OpenAPI document omits {Route}: {Reason}")]
    public static partial void Undocumented(this ILogger logger, string route, string reason);
}
