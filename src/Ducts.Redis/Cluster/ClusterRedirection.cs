using System.Globalization;
using System.Net;

namespace Ducts.Redis;

/// <summary>What a cluster's node says instead of carrying a command out.</summary>
internal enum RedirectionKind
{
    /// <summary>It is no redirection.</summary>
    None,

    /// <summary>The slot lives elsewhere from now on.</summary>
    Moved,

    /// <summary>The slot is on its way; this one command is to be tried at its destination.</summary>
    Ask,

    /// <summary>The slot is on its way, or the cluster has no answer for the moment; try again shortly.</summary>
    Again,
}

/// <summary>A redirection: MOVED slot host:port, ASK slot host:port, TRYAGAIN, CLUSTERDOWN.</summary>
internal readonly record struct ClusterRedirection(RedirectionKind Kind, int Slot, DnsEndPoint? Host)
{
    /// <summary>Reads the reply of a command; of a transaction, the first of its replies that redirects.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="asked">The host that replied; it may leave its own name out.</param>
    public static ClusterRedirection Read(in RedisValue reply, string asked)
    {
        if (reply.IsError)
        {
            return Parse(reply.ErrorText, asked);
        }

        // MULTI … EXEC: a refused command aborted it all, which EXEC says last.
        if (reply.Kind == RedisValueKind.Array && reply.Count > 2 && reply[^1].IsError)
        {
            foreach (var item in reply.Items.Span)
            {
                if (item.IsError && Parse(item.ErrorText, asked) is { Kind: not RedirectionKind.None } redirection)
                {
                    // ASKING holds for one command, not for a transaction: that one waits until the slot has arrived.
                    return redirection.Kind == RedirectionKind.Ask ? new(RedirectionKind.Again, redirection.Slot, null) : redirection;
                }
            }
        }

        return default;
    }

    private static ClusterRedirection Parse(string text, string asked)
    {
        if (text.StartsWith("TRYAGAIN", StringComparison.Ordinal) || text.StartsWith("CLUSTERDOWN", StringComparison.Ordinal))
        {
            return new(RedirectionKind.Again, -1, null);
        }

        var isMoved = text.StartsWith("MOVED ", StringComparison.Ordinal);
        if (!isMoved && !text.StartsWith("ASK ", StringComparison.Ordinal))
        {
            return default;
        }

        var parts = text.Split(' ');
        var colon = parts.Length == 3 ? parts[2].LastIndexOf(':') : -1;
        if (colon < 0
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var slot)
            || slot >= ClusterSlot.Count
            || !int.TryParse(parts[2].AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > 65535)
        {
            return default;
        }

        var host = parts[2][..colon].Trim('[', ']');
        if (host.Length == 0)
        {
            host = asked[..asked.LastIndexOf(':')].Trim('[', ']');
        }

        return new(isMoved ? RedirectionKind.Moved : RedirectionKind.Ask, slot, new DnsEndPoint(host, port));
    }
}
