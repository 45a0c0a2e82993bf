using System.Runtime.CompilerServices;

// The newest lines, then every new one for as long as the page follows.
// All pages share one reader of the stream, however many they are.
public sealed class ChatFollow : DuctsHandler
{
    public async IAsyncEnumerable<object> HandleAsync(
        IRedisClient redis, int last = 50, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var line in redis.PSubAndXRangeAsync("TUTORIAL/CHAT", "TUTORIAL/CHAT", last, cancellationToken))
            yield return line;
    }
}
