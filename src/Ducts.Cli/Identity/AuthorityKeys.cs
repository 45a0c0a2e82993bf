using System.Collections;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Ducts.Cli.Identity;

/// <summary>
/// Tells whether the keys of the authority are known. While it cannot be reached, requests are refused at once rather than
/// waiting for it one behind the other.
/// </summary>
// Threading: any thread.
internal sealed class AuthorityKeys(DuctsAuthOptions options, TimeProvider time, ILogger<AuthorityKeys> logger)
{
    /// <summary>For how long the authority is not asked again after it could not be reached.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private const string StatusOfAnswer = "status_code";

    private long _nextTry = long.MinValue;

    /// <summary>Fetches the keys if they are not known; once they are, those are used as long as no newer ones can be had.</summary>
    public async ValueTask<bool> AreKnownAsync(IConfigurationManager<OpenIdConnectConfiguration> authority, CancellationToken cancellationToken)
    {
        if (time.GetTimestamp() < Volatile.Read(ref _nextTry))
        {
            return false;
        }

        try
        {
            await authority.GetConfigurationAsync(cancellationToken);
            return true;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            var now = time.GetTimestamp();
            // Of those that have waited together, one says it.
            if (Interlocked.Exchange(ref _nextTry, now + (long)(Pause.TotalSeconds * time.TimestampFrequency)) <= now)
            {
                IdentityLog.AuthorityUnavailable(logger, options.Authority, Pause.TotalSeconds, Explain(fault));
            }

            return false;
        }
    }

    private static string Explain(Exception fault)
    {
        for (var at = fault; at is not null; at = at.InnerException)
        {
            foreach (DictionaryEntry entry in at.Data)
            {
                if (entry is { Key: StatusOfAnswer, Value: HttpStatusCode status })
                {
                    return $"it answered with status {(int)status}";
                }
            }
        }

        return fault.GetBaseException().Message;
    }
}
