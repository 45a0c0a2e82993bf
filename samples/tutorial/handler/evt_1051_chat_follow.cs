// The newest lines, then each new one for as long as the page follows.
// All pages share one reader of the stream, however many they are.
public sealed class ChatFollow : DuctsHandler
{
    private const string Chat = "TUTORIAL/CHAT";

    public IAsyncEnumerable<RedisFields> Handle(
        IRedisClient redis,
        int last = 50,
        CancellationToken cancellationToken = default) =>
        redis.PSubAndXRangeAsync(Chat, Chat, last, cancellationToken)
            .Select(line => line.Fields);
}
