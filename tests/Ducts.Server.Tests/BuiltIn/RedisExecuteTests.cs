using Ducts.Tests.Support;

namespace Ducts.Server.Tests.BuiltIn;

/// <summary>REDIS_EXECUTE and EVENT, by which clients run the Redis commands that the configuration names.</summary>
public class RedisExecuteTests(RedisFixture redis)
{
    [Theory]
    [InlineData(300)]
    [InlineData(400)]
    public async Task Nothing_is_allowed_by_default(int id)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal($$"""[1,-{{id}},"PermissionError('option redis_execute_commands does not name GET')"]""", await client.CallAsync($$"""[1, {{id}}, ["GET", "a"]]"""));
    }

    [Fact]
    public async Task What_is_listed_is_allowed_on_all_keys_unless_patterns_say_otherwise()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Event.RedisExecuteCommands = ["ECHO", "set", "STRLEN"]);
        await using var client = await server.OpenAsync();

        Assert.StartsWith("[1,300,", await client.CallAsync("""[1, 300, ["SET", "x", "12345"]]"""), StringComparison.Ordinal);
        Assert.Equal("[2,300,5]", await client.CallAsync("""[2, 300, ["strlen", "x"]]"""));
        Assert.StartsWith("[3,-300,", await client.CallAsync("""[3, 300, ["DEL", "x"]]"""), StringComparison.Ordinal);
        await server.Redis.ExecuteAsync("DEL", "x");
    }

    [Theory]
    [InlineData("""["STRLEN", "public:a"]""", null)]
    [InlineData("""["STRLEN", "public:"]""", null)]
    [InlineData("""["STRLEN", "user7"]""", null)]
    [InlineData("""["ECHO", "private"]""", null)]
    [InlineData("""["MGET", "public:a", "public:b"]""", null)]
    [InlineData("""["STRLEN", "PUBLIC:a"]""", "PUBLIC:a")]
    [InlineData("""["STRLEN", "private"]""", "private")]
    [InlineData("""["STRLEN", "user77"]""", "user77")]
    [InlineData("""["MGET", "public:a", "private"]""", "private")]
    [InlineData("""["ZUNION", 2, "public:a", "private"]""", "private")]
    [InlineData("""["XREAD", "COUNT", 1, "STREAMS", "public:a", "private", "0", "0"]""", "private")]
    public async Task A_key_has_to_match_one_of_the_patterns(string call, string? refused)
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.Event.RedisExecuteCommands = ["STRLEN", "ECHO", "MGET", "ZUNION", "XREAD"];
            options.Event.RedisExecuteKeys = ["public:*", "user?"];
        });
        await using var client = await server.OpenAsync();

        var answer = await client.CallAsync($"[1, 300, {call}]");

        if (refused is null)
        {
            Assert.StartsWith("[1,300,", answer, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal($$"""[1,-300,"PermissionError('no pattern of option redis_execute_keys matches the key {{refused}}')"]""", answer);
        }
    }
}
