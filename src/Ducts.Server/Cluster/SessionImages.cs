using Ducts.Sessions;

namespace Ducts.Cluster;

/// <summary>Writes into a session's record what a new owner has to know, and reads it again.</summary>
internal sealed class SessionImages(TicketSeal seal)
{
    private const string KeyField = "key";
    private const string QueryField = "query";
    private const string UserField = "user";
    private const string ScriptField = "script";
    private const string TicketUserField = "known";
    private const string VersionField = "v";
    private const string Resuming = "2";
    private const string Plain = "1";

    /// <summary>Returns the fields of a session.</summary>
    public List<KeyValuePair<string, string>> Write(SessionTicket ticket, SessionUser user, bool resumes)
    {
        List<KeyValuePair<string, string>> fields = [.. ticket.Fields, new(VersionField, resumes ? Resuming : Plain)];
        if (ticket.KeyHash is { } key)
            fields.Add(new(KeyField, key));
        if (ticket.Query.Count > 0)
            fields.Add(new(QueryField, seal.SealFields(ticket.Query, HashOf(ticket))));
        if (ticket.IsForScript)
            fields.Add(new(ScriptField, "1"));
        // Whether discovery or the handshake named the user decides who may take the session over.
        if (ticket.User.IsAuthenticated)
            fields.Add(new(TicketUserField, "1"));
        if (user.IsAuthenticated)
            fields.Add(WriteUser(ticket, user));
        return fields;
    }

    /// <summary>Returns the field of a session's user.</summary>
    public KeyValuePair<string, string> WriteUser(SessionTicket ticket, SessionUser user) => new(UserField, seal.SealUser(user, HashOf(ticket)));

    /// <summary>Returns whether the secret of a session is this one; takes the same time for any wrong one.</summary>
    public static bool HasSecret(SessionRecord record, string secret) =>
        record.Fields.TryGetValue(SessionTicket.SecretField, out var hash) && SessionTicket.IsHashOf(secret, hash);

    /// <summary>Reads what a record says of a session.</summary>
    /// <returns>Null when it cannot be read: it was written by somebody else, or under keys that are gone.</returns>
    public SessionImage? Read(string streamId, SessionRecord record, SessionHolding holding)
    {
        var fields = record.Fields;
        if (!fields.TryGetValue(SessionTicket.SecretField, out var hash) || !fields.TryGetValue(VersionField, out var version))
            return null;
        var ticket = new SessionTicket(streamId, fields.Only(SessionTicket.IsReserved))
        {
            IsForScript = fields.ContainsKey(ScriptField),
            KeyHash = fields.GetValueOrDefault(KeyField),
        };
        if (fields.TryGetValue(QueryField, out var sealedQuery))
        {
            if (!seal.TryOpenFields(sealedQuery, hash, out var query))
                return null;
            ticket = ticket with { Query = query };
        }

        var user = new SessionUser();
        if (fields.TryGetValue(UserField, out var sealedUser))
        {
            if (!seal.TryOpenUser(sealedUser, hash, ticket.IssuedAt, out var opened))
                return null;
            user = opened;
            if (fields.ContainsKey(TicketUserField))
                ticket = ticket with { User = user };
        }

        return new SessionImage(ticket, user, version == Resuming, holding);
    }

    private static string HashOf(SessionTicket ticket) => ticket.Fields[SessionTicket.SecretField];
}
