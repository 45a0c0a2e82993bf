using System.Globalization;
using System.Security.Cryptography;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Sessions;

/// <summary>
/// Notes sessions to be in Redis, finds them again, and notes their end. Each has a key of its own until it expires, and an
/// entry in the stream of opened sessions, which is a record for people: it is trimmed, and nothing is read from it.
/// </summary>
// Times are Redis' alone: it makes the ids and lets the keys expire, so no clock is compared with another.
internal sealed class SessionTickets(IOptions<DuctsOptions> options, IRedisSource redis, TicketSeal seal, VoidedTickets voided)
{
    // 160 bits, as many as the 40 hex digits that clients expect.
    private const int SecretBytes = 20;

    private const int KeyBytes = 32;

    private const string ClosedIdField = "tsid";

    // Of the ticket's key alone.
    private const string QueryField = "query";
    private const string UserField = "user";
    private const string ScriptField = "script";
    private const string KeyField = "key";

    private readonly DuctsAuthOptions _options = options.Value.Auth;

    /// <summary>Notes a session to be.</summary>
    /// <param name="opening">What is known of it.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>What its client is told.</returns>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async ValueTask<IssuedTicket> IssueAsync(SessionOpening opening, CancellationToken cancellationToken)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        var hash = SessionTicket.HashOf(secret);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
        var query = opening.Query.Where(static pair => !SessionTicket.IsReserved(pair.Key)).ToArray();
        List<KeyValuePair<string, string>> fields =
        [
            new(SessionTicket.AddressField, opening.Address?.ToString() ?? ""),
            new(SessionTicket.PortField, opening.Port.ToString(CultureInfo.InvariantCulture)),
            new(SessionTicket.UserAgentField, opening.UserAgent),
            new(SessionTicket.SecretField, hash),
        ];

        var kept = query.Where(pair => _options.KeepQuery.Contains(pair.Key));
        var streamId = await redis.Client.XAddAsync(_options.StreamKeyForSessionOpened, fields.Concat(kept), _options.SessionStreamMaxLength, cancellationToken);

        fields.Add(new(KeyField, SessionTicket.HashOf(key)));
        if (query.Length > 0)
            fields.Add(new(QueryField, TicketSeal.SealQuery(secret, query)));
        if (opening.IsForScript)
            fields.Add(new(ScriptField, "1"));
        else if (opening.User.IsAuthenticated)
            fields.Add(new(UserField, seal.SealUser(opening.User, hash)));
        var lifetime = (long)Math.Ceiling(_options.SessionTtl.TotalMilliseconds);
        await redis.Client.ExecuteAsync("SET", [_options.TicketKeyOf(streamId), SessionTicket.Pack(fields), "PX", lifetime], cancellationToken);
        return new IssuedTicket(new SessionUrlId(secret, streamId).ToString(), key);
    }

    /// <summary>Finds a session to be.</summary>
    /// <returns>Null when there is none of that id, or it has expired.</returns>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<SessionTicket?> FindAsync(SessionUrlId id, CancellationToken cancellationToken)
    {
        var packed = await redis.Client.ExecuteAsync("GET", [_options.TicketKeyOf(id.StreamId)], cancellationToken);
        if (packed.IsNull || !SessionTicket.TryUnpack(packed.AsBytes().Span, out var fields))
            return null;
        var ticket = new SessionTicket(id.StreamId, fields) { IsForScript = fields.ContainsKey(ScriptField) };
        return ticket.HasSecret(id.Secret) ? Open(ticket, id.Secret) : null;
    }

    /// <summary>Makes a session to be unknown, so that no further one is opened by its id.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async ValueTask VoidAsync(string streamId, CancellationToken cancellationToken)
    {
        voided.Add(streamId);
        await redis.Client.ExecuteAsync("DEL", [_options.TicketKeyOf(streamId)], cancellationToken);
    }

    /// <summary>Lets a ticket open nothing any more, from this moment on in this process.</summary>
    public void Void(string streamId) => voided.Add(streamId);

    /// <summary>Notes the end of a session.</summary>
    public async Task CloseAsync(SessionTicket ticket, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> fields = [new(ClosedIdField, ticket.StreamId)];
        fields.AddRange(ticket.Fields.Where(static field => SessionTicket.IsReserved(field.Key)));
        fields.AddRange(ticket.Query.Where(field => _options.KeepQuery.Contains(field.Key) && field.Key != ClosedIdField));
        await redis.Client.XAddAsync(_options.StreamKeyForSessionClosed, fields, _options.SessionStreamMaxLength, cancellationToken);
    }

    // What cannot be opened is no ticket of this server: a session without its user would be another than the one asked for.
    private SessionTicket? Open(SessionTicket ticket, string secret)
    {
        var fields = ticket.Fields;
        if (fields.TryGetValue(QueryField, out var sealedQuery))
        {
            if (!TicketSeal.TryOpenQuery(secret, sealedQuery, out var query))
                return null;
            ticket = ticket with { Query = query };
        }

        if (fields.TryGetValue(UserField, out var sealedUser))
        {
            if (!seal.TryOpenUser(sealedUser, fields[SessionTicket.SecretField], ticket.IssuedAt, out var user))
                return null;
            ticket = ticket with { User = user };
        }

        return ticket with { KeyHash = fields.GetValueOrDefault(KeyField), Fields = fields.Only(SessionTicket.IsReserved) };
    }
}
