using Ducts.Live.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Live.Faults;

/// <summary>What handlers do wrong when the server stops.</summary>
public class EndFaultTests
{
    [Fact]
    public async Task A_handler_that_fails_to_dispose_keeps_neither_the_others_nor_the_stop_from_going_on()
    {
        await using var server = new LiveServer();
        foreach (var name in (string[])["evt_1015_bad_end.cs", "evt_1016_good_end.cs"])
            server.Write(name, FaultyHandlers.Files[name]);
        await server.StartAsync();
        var attributes = server.Services.GetRequiredService<IHandlerManager>().ServerAttributes;

        await server.StopAsync();

        Assert.Equal("disposed", attributes["end"]);
        Assert.Equal("Disposing the handler of event BAD_END failed; the other handlers are still disposed: will not end", Assert.Single(server.Log.Texts(1202)));
    }
}
