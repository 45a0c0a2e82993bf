using Ducts.EndToEnd.Clients;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Commands;

/// <summary>The commands that ask a running server.</summary>
public sealed class CallCommandTests(HandlerServer server) : IAsyncLifetime
{
    private readonly WorkingFolder _folder = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Theory]
    [InlineData("ECHO", """{"a":[1,2.5,null,"é"]}""", """{"a":[1,2.5,null,"é"]}""")]
    [InlineData("1000", "plain text", "\"plain text\"")]
    [InlineData("TEN", "null", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10")]
    public async Task A_call_prints_what_comes(string key, string data, string expected)
    {
        var result = await _folder.DuctsAsync("call", key, data, "--url", server.Address.AbsoluteUri);
        Assert.Equal((0, expected + "\n", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Theory]
    [InlineData("ECO", "null", "did you mean ECHO?")]
    [InlineData("REFUSE", """{"upTo":-1}""", "ValueError: upTo is negative")]
    [InlineData("ECHO", "{", "DATA is not JSON")]
    public async Task A_call_that_fails_says_why(string key, string data, string message)
    {
        var result = await _folder.DuctsAsync("call", key, data, "--url", server.Address.AbsoluteUri);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_events_of_a_server_are_listed()
    {
        var result = await _folder.DuctsAsync("events", server.Address.AbsoluteUri);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"\n1002 +TEN +stream\b", result.Output);
        Assert.Matches(@"\n1000 +ECHO +reply\b", result.Output);
    }
}
