public sealed class NoteGet : DuctsHandler
{
    public async Task<string> HandleAsync(string name, IRedisClient redis, CancellationToken cancellationToken)
    {
        var note = await redis.ExecuteStringAsync("GET", [$"TUTORIAL/NOTE/{name}"], cancellationToken);

        // Clients see it as KeyError('…').
        return note ?? throw new KeyNotFoundException($"There is no note called {name}.");
    }
}
