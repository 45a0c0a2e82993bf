using System.Text.Json;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Clients;

/// <summary>A client as Python's are: strict about UTF-8 and MessagePack, and it evaluates the text of errors.</summary>
public sealed class PythonClientTests(HandlerServer server)
{
    [Fact]
    public async Task A_strict_client_reads_everything_and_evaluating_an_error_gives_the_exception_it_names()
    {
        await using var folder = new WorkingFolder();
        var result = await folder.RunAsync(RequiredProgram.Python, Repository.OwnPath("python/client.py"), server.Address.AbsoluteUri);
        Assert.True(result.ExitCode == 0, $"The Python client failed: {result}");
        using var document = JsonDocument.Parse(result.Output);
        var seen = document.RootElement;

        Is("echo", """{"text":"grüße 🎈","whole":2.0,"large":4611686018427387904,"negative":-1,"none":null}""");
        Is("ten", """{"items":[1,2,3,4,5,6,7,8,9,10]}""");
        Is("half", """{"items":["one","two"],"error":"KeyError","args":["no third"]}""");
        Is("refused", """{"items":[],"error":"ValueError","args":["upTo is negative"]}""");
        Is("unknown", """{"items":[],"error":"KeyError","args":["no event 4711"]}""");
        Is("nastyCameBack", "true");
        Is("big", "10485760");
        Is("afterwards", """["still here"]""");
        Is("closed", "1000");
        Assert.Equal("KeyError", seen.GetProperty("nasty").GetProperty("error").GetString());

        void Is(string name, string expected) => Assert.Equal(expected, seen.GetProperty(name).GetRawText());
    }

    [Fact]
    public async Task Sessions_that_are_cut_again_and_again_miss_nothing_that_the_server_has_sent()
    {
        var faults = Faults.FromEnvironment();
        await using var folder = new WorkingFolder();
        var result = await folder.RunAsync(
            RequiredProgram.Python, Repository.OwnPath("python/client.py"), server.Address.AbsoluteUri, "cuts", $"{faults.Sessions}", $"{faults.Cuts}", $"{faults.Seed}");
        Assert.True(result.ExitCode == 0, $"The Python client failed: {result}");
        using var document = JsonDocument.Parse(result.Output);
        faults.Check(document.RootElement);
    }
}
