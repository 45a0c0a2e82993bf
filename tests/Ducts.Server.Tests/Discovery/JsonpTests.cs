using System.Diagnostics;
using System.Net;
using Ducts.Configuration;
using Ducts.Handlers;

namespace Ducts.Server.Tests.Discovery;

public sealed class JsonpTests
{
    [Theory]
    [InlineData("callback")]
    [InlineData("$")]
    [InlineData("_a1.b$.c")]
    [InlineData("app.delete")]
    public void Dotted_identifiers_may_be_called(string name) => Assert.True(JsonpCallback.IsValid(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("1a")]
    [InlineData("a.1")]
    [InlineData("a b")]
    [InlineData("a[0]")]
    [InlineData("alert(1)//")]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("a;b")]
    [InlineData("a\n")]
    [InlineData("a\u2028")]
    [InlineData("return")]
    public void Anything_else_may_not(string name) => Assert.False(JsonpCallback.IsValid(name));

    [Fact]
    public void A_name_without_end_may_not() => Assert.False(JsonpCallback.IsValid(new string('a', 5000)));

    [Theory]
    [InlineData("/ducts/main?callback=alert(1)//")]
    [InlineData("/ducts/main?callback=%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("/ducts/main?callback=")]
    [InlineData("/ducts/main?callback=a&callback=b")]
    public async Task A_bad_callback_is_refused_and_not_echoed(string path)
    {
        await using var host = await HttpHost.StartAsync();
        using var answer = await host.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("alert", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(host.Issued);
    }

    [Fact]
    public async Task The_answer_holds_nothing_that_ends_a_script()
    {
        var snapshot = new HandlerSnapshot([new HandlerSpec(1000, "</script><!--\u2028\u2029é&'\"")], []);
        await using var host = await HttpHost.StartAsync(snapshot: snapshot);
        using var answer = await host.Client.GetAsync("/ducts/main?callback=app.start");
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        var script = await answer.Content.ReadAsStringAsync();
        var call = script[script.LastIndexOf(";app.start(", StringComparison.Ordinal)..];
        Assert.DoesNotContain('<', call);
        Assert.All(call, c => Assert.True(char.IsAscii(c)));
    }

    [Fact]
    public async Task The_script_runs_brings_the_client_and_calls_with_what_discovery_says()
    {
        await using var host = await HttpHost.StartAsync();
        var script = await host.Client.GetStringAsync("/ducts/main");
        var file = host.Write("main.js", $"globalThis.callback = wsd => console.log(typeof ducts, wsd.EVENT.MY_SAMPLE_TEST, wsd.websocket_url);\n{script}");
        using var node = Process.Start(new ProcessStartInfo("node", file) { RedirectStandardOutput = true })!;
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.Equal($"object 1000 ws://127.0.0.1:{host.Port}/ducts/ws/v1/{HttpHost.SessionId}", output.Trim());
    }

    [Fact]
    public async Task The_script_calls_too_where_a_library_of_the_users_own_knows_nothing_of_it()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/ducts.js", "globalThis.ducts = { mine: true };");
        var script = await host.Client.GetStringAsync("/ducts/main");
        var file = host.Write("main.js", $"globalThis.callback = wsd => console.log(ducts.mine, wsd.max_message_size);\n{script}");
        using var node = Process.Start(new ProcessStartInfo("node", file) { RedirectStandardOutput = true })!;
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.Equal("true 8388608", output.Trim());
    }

    [Fact]
    public async Task The_names_of_the_parameter_and_of_the_default_are_options()
    {
        await using var host = await HttpHost.StartAsync(options =>
        {
            options.Server.JsonpCallbackQuery = "cb";
            options.Server.JsonpCallbackDefault = "go";
        });
        Assert.Contains(";go({", await host.Client.GetStringAsync("/ducts/main?callback=x"), StringComparison.Ordinal);
        Assert.Contains(";x({", await host.Client.GetStringAsync("/ducts/main?cb=x"), StringComparison.Ordinal);
    }
}
