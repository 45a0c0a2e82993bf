using System.Text.Json.Nodes;

// What the nodes say of themselves, twice a second.
public sealed class Nodes : DuctsHandler
{
    private static readonly string[] Names = ["a", "b", "c"];

    public async IAsyncEnumerable<object> HandleAsync(
        IRedisClient redis, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RedisArgument[] keys = [.. Names.Select(name => (RedisArgument)(Node.SignsOfLife + name))];
        while (true)
        {
            var signs = (await redis.ExecuteAsync("MGET", keys, cancellationToken)).AsStrings();
            yield return Names.Zip(signs, (name, sign) =>
            {
                var node = sign is null ? null : JsonNode.Parse(sign);
                return new { name, lives = node is not null, pid = (int?)node?["pid"] ?? 0, sessions = (int?)node?["sessions"] ?? 0 };
            }).ToArray();
            await Task.Delay(500, cancellationToken);
        }
    }
}
