using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Identity;

/// <summary>Logs the acceptance of tokens and the keys of the server. No message has a token. Ids 5110 to 5119.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(5110, LogLevel.Warning, "The keys of authority {Authority} cannot be fetched; requests with a token get 503, and the server tries again in {Seconds} s at the earliest: {Reason}")]
    public static partial void AuthorityUnavailable(ILogger logger, string authority, double seconds, string reason);

    [LoggerMessage(5111, LogLevel.Debug, "A token was refused: {Reason}")]
    public static partial void TokenRefused(ILogger logger, string reason);

    [LoggerMessage(5112, LogLevel.Warning, "The keys that seal what is kept of users stay in memory, so that cookies end with the server: {Reason}")]
    public static partial void KeysInMemory(ILogger logger, string reason);
}
