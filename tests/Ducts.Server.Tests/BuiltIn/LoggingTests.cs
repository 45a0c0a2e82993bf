using Ducts.Tests.Support;

namespace Ducts.Tests.BuiltIn;

public sealed class LoggingTests(RedisFixture redis)
{
    [Fact]
    public async Task LOGGING_writes_nothing_unless_an_option_says_so_and_the_log_says_that_once()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        for (var i = 0; i < 3; i++)
            Assert.Equal($"[{i},100,null]", await client.CallAsync($"[{i},100,\"a line for nobody\"]"));

        Assert.DoesNotContain(server.Log.All, static line => line.Contains("a line for nobody", StringComparison.Ordinal));
        Assert.Single(server.Log.All, static line => line.Contains("client_logging", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_client_logging_the_log_has_what_clients_send()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Event.ClientLogging = true);
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,100,null]", await client.CallAsync("[1,100,{\"message\":\"two\\nlines\",\"at\":[1,2.5,null]}]"));

        var line = Assert.Single(server.Log.All, static line => line.StartsWith("LOGGING|SESSION=SS.", StringComparison.Ordinal));
        Assert.EndsWith("|{\"message\":\"two\\nlines\",\"at\":[1,2.5,null]}", line.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_of_LOGGING_costs_a_few_short_lines()
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.Event.ClientLogging = true;
            options.Event.ClientLoggingRate = 10;
        });
        await using var client = await server.OpenAsync();
        var message = Packed.From($"[1,100,\"{new string('x', 1_000_000)}\"]");

        for (var i = 0; i < 50; i++)
        {
            await client.SendBinaryAsync(message);
            Assert.Equal("[1,100,null]", await client.ReceiveAsync());
        }

        // One line a second of one session, and how many seconds that was is this machine's affair.
        Assert.InRange(server.Log.All.Count(static line => line.StartsWith("LOGGING|", StringComparison.Ordinal)), 1, 49);
        Assert.Contains(server.Log.All, static line => line.Contains("client_logging_rate allows (10 lines", StringComparison.Ordinal));
        Assert.All(server.Log.All, static line => Assert.InRange(line.Length, 0, 9 * 1024));
    }
}
