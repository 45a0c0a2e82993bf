using System.Net;

namespace Ducts.Redis;

/// <summary>Which node has which slots, as a node told it (CLUSTER SLOTS).</summary>
internal static class ClusterMap
{
    /// <summary>Reads the reply: for each range of slots its first and last, and the master's address.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="asked">The host that was asked; it may leave its own name out.</param>
    public static List<(int First, int Last, DnsEndPoint Master)> Read(RedisValue reply, string asked)
    {
        if (reply.IsError)
        {
            throw new RedisException(reply.ErrorText);
        }

        var ranges = new List<(int, int, DnsEndPoint)>();
        foreach (var item in reply.Items.Span)
        {
            var name = item[2][0].AsString();
            if (string.IsNullOrEmpty(name) || name == "?")
            {
                name = asked[..asked.LastIndexOf(':')].Trim('[', ']');
            }

            ranges.Add(((int)item[0].AsInt64(), (int)item[1].AsInt64(), new DnsEndPoint(name, (int)item[2][1].AsInt64())));
        }

        return ranges;
    }
}
