using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Ducts.Sessions;

/// <summary>Notes sessions to be in Redis, finds them again, and notes their end.</summary>
internal sealed class SessionTickets(IOptions<DuctsOptions> options, IRedisSource redis, TimeProvider time)
{
    // 160 bits, as many as the 40 hex digits that clients expect.
    private const int SecretBytes = 20;

    private const string ClosedIdField = "tsid";

    /// <summary>Notes a session to be.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="port">The client's port.</param>
    /// <param name="userAgent">The client's User-Agent header.</param>
    /// <param name="query">All query parameters of the discovery call.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>The session's id for URLs.</returns>
    /// <exception cref="Redis.RedisUnavailableException">Redis is out of reach.</exception>
    public async ValueTask<string> IssueAsync(
        IPAddress? address,
        int port,
        string userAgent,
        IEnumerable<KeyValuePair<string, string>> query,
        CancellationToken cancellationToken)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        var fields = new List<KeyValuePair<string, string>>
        {
            new(SessionTicket.AddressField, address?.ToString() ?? ""),
            new(SessionTicket.PortField, port.ToString(CultureInfo.InvariantCulture)),
            new(SessionTicket.UserAgentField, userAgent),
            new(SessionTicket.SecretField, secret),
        };
        foreach (var pair in query)
        {
            if (!SessionTicket.IsReserved(pair.Key))
                fields.Add(pair);
        }

        var auth = options.Value.Auth;
        var streamId = await redis.Client.XAddAsync(auth.StreamKeyForSessionOpened, fields, auth.SessionStreamMaxLength, cancellationToken);
        return new SessionUrlId(secret, streamId).ToString();
    }

    /// <summary>Finds a session to be.</summary>
    /// <returns>Null when there is none of that id, or it has expired.</returns>
    public async ValueTask<SessionTicket?> FindAsync(SessionUrlId id, CancellationToken cancellationToken)
    {
        var age = time.GetUtcNow() - SessionUrlId.AddedAt(id.StreamId);
        if (age > options.Value.Auth.SessionTtl)
            return null;
        var fields = await redis.Client.XGetAsync(options.Value.Auth.StreamKeyForSessionOpened, id.StreamId, cancellationToken);
        if (!fields.TryGetValue(SessionTicket.SecretField, out var secret))
            return null;
        var ticket = new SessionTicket(id.StreamId, secret, fields);
        return ticket.HasSecret(id.Secret) ? ticket : null;
    }

    /// <summary>Notes the end of a session.</summary>
    public async Task CloseAsync(SessionTicket ticket, CancellationToken cancellationToken)
    {
        var auth = options.Value.Auth;
        var fields = new List<KeyValuePair<string, string>> { new(ClosedIdField, ticket.StreamId) };
        foreach (var pair in ticket.Fields)
        {
            if (pair.Key != ClosedIdField)
                fields.Add(pair);
        }

        await redis.Client.XAddAsync(auth.StreamKeyForSessionClosed, fields, auth.SessionStreamMaxLength, cancellationToken);
    }
}
