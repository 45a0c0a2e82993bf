public sealed class NoteGet : DuctsHandler
{
    public async Task<string> HandleAsync(string name, IRedisClient redis)
    {
        var note = await redis.ExecuteStringAsync(
            "GET", $"TUTORIAL/NOTE/{name}");

        // Clients see it as KeyError('…').
        return note.AsString()
            ?? throw new KeyNotFoundException($"There is no note {name}.");
    }
}
