namespace Ducts.Redis;

/// <summary>What it takes to send a command to another node of a cluster: its bytes, and how often it was sent already.</summary>
internal sealed class ClusterRoute(ClusterRouter router, byte[] payload, int slot)
{
    public byte[] Payload => payload;

    /// <summary>The slot of its first key; -1 without keys.</summary>
    public int Slot => slot;

    public int Redirections { get; set; }

    /// <summary>Follows a redirection; false when the reply is the command's own.</summary>
    public bool TryFollow(RedisCommand command, in RedisValue reply) => router.TryFollow(command, this, reply);
}
