using Ducts.Client;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Samples;

/// <summary>The sample with API keys, called as the guide "Users and rights" has it.</summary>
public sealed class ApiKeySampleTests : IAsyncLifetime
{
    private const string Key = "my-secret-key";

    private readonly WorkingFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        _folder.CopyFrom(Repository.Path("samples/users/api-key"));
        _folder.Environment["DUCTS_EVENT__STRICT"] = "true";
        await _folder.StartServerAsync();
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Fact]
    public async Task The_command_calls_with_its_key_and_not_without()
    {
        var paid = await CallAsync("PAID", "7", "--header", $"X-Api-Key: {Key}");
        var without = await CallAsync("1002", "7");
        var wrong = await CallAsync("1002", "7", "--header", "X-Api-Key: another");
        var hidden = await CallAsync("PAID", "7");

        Assert.Equal((0, "\"invoice 7 is paid, says billing\"\n"), (paid.ExitCode, paid.Output));
        Assert.Equal((1, "PermissionError: this event needs the role service\n"), (without.ExitCode, without.Error));
        Assert.Equal(without.Error, wrong.Error);
        Assert.StartsWith("The server has no event PAID", hidden.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_in_NET_calls_with_its_key()
    {
        var options = new DuctsClientOptions { Headers = { ["X-Api-Key"] = Key } };
        await using var client = await DuctsClient.ConnectAsync(new Uri(_folder.Address!, "ducts/wsd"), options);

        Assert.Equal("invoice 7 is paid, says billing", await client.CallAsync<string>("PAID", new { invoice = 7 }));
    }

    [Fact]
    public async Task The_configuration_has_no_problems()
    {
        Assert.Equal("config_server.ini: no problems.\n", (await _folder.DuctsAsync("config", "check")).Output);
    }

    private Task<CommandResult> CallAsync(params string[] arguments) =>
        _folder.DuctsAsync(["call", .. arguments, "--url", _folder.Address!.AbsoluteUri]);
}
