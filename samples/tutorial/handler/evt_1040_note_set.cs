// Redis is a parameter like any other; the server hands it over.
public sealed class NoteSet : DuctsHandler
{
    public async Task HandleAsync(
        string name, string text, IRedisClient redis)
    {
        if (name.Length is 0 or > 40)
            throw new ArgumentException("A name has 1 to 40 characters.");
        if (text.Length > 1000)
            throw new ArgumentException("A note has up to 1000 characters.");

        await redis.ExecuteAsync("SET", $"TUTORIAL/NOTE/{name}", text);
    }
}
