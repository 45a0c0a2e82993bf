using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Sessions;

/// <summary>
/// Notes sessions to be in Redis, finds them again, and notes their end. Each has a key of its own until it expires, and an
/// entry in the stream of opened sessions, which is a record for people: it is trimmed, and nothing is read from it.
/// </summary>
// Times are Redis' alone: it makes the ids and lets the keys expire, so no clock is compared with another.
internal sealed class SessionTickets(IOptions<DuctsOptions> options, IRedisSource redis)
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
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
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
            new(SessionTicket.SecretField, SessionTicket.HashOf(secret)),
        };
        foreach (var pair in query)
        {
            if (!SessionTicket.IsReserved(pair.Key))
                fields.Add(pair);
        }

        var auth = options.Value.Auth;
        var streamId = await redis.Client.XAddAsync(auth.StreamKeyForSessionOpened, fields, auth.SessionStreamMaxLength, cancellationToken);
        var lifetime = (long)Math.Ceiling(auth.SessionTtl.TotalMilliseconds);
        await redis.Client.ExecuteAsync("SET", [auth.TicketKeyOf(streamId), SessionTicket.Pack(fields), "PX", lifetime], cancellationToken);
        return new SessionUrlId(secret, streamId).ToString();
    }

    /// <summary>Finds a session to be.</summary>
    /// <returns>Null when there is none of that id, or it has expired.</returns>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<SessionTicket?> FindAsync(SessionUrlId id, CancellationToken cancellationToken)
    {
        var packed = await redis.Client.ExecuteAsync("GET", [options.Value.Auth.TicketKeyOf(id.StreamId)], cancellationToken);
        return !packed.IsNull && SessionTicket.TryUnpack(id.StreamId, packed.AsBytes().Span, out var ticket) && ticket.HasSecret(id.Secret)
            ? ticket
            : null;
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
