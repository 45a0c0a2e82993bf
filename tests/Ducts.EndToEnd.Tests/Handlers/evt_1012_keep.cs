public sealed class Keep : DuctsHandler
{
    public async Task<string?> HandleAsync(string key, IRedisClient redis, string? value = null)
    {
        if (value is not null)
            await redis.ExecuteAsync("SET", key, value);
        return (await redis.ExecuteStringAsync("GET", key)).AsString();
    }
}
