using System.Collections.Concurrent;
using Ducts.Live.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Live.Reload;

/// <summary>A replaced handler is disposed only after all who use it have ended.</summary>
public class HandlerUseTests
{
    private const int Reloaded = 1204;

    [Theory]
    [InlineData("connected")]
    [InlineData("closed")]
    [InlineData("web")]
    [InlineData("run")]
    public async Task A_replaced_handler_is_disposed_after_what_runs_on_it(string where)
    {
        await using var server = new LiveServer();
        server.Write(Held.Name, Held.File(1));
        var gate = new TaskCompletionSource();
        ConcurrentDictionary<string, object?>? shared = null;
        await server.StartAsync(
            static options => options.Event.Reload = true,
            map: app => (shared = app.Services.GetRequiredService<IHandlerManager>().ServerAttributes)[where] = gate.Task);

        var use = await UseAsync(server, where);
        await Until.TrueAsync(() => shared!.ContainsKey("entered"), $"{where} has begun");
        server.Write(Held.Name, Held.File(2));
        await Until.TrueAsync(() => server.Log.Texts(Reloaded).Length > 0, "the handler is replaced");
        // What must not happen has had its time once another change has gone all the way.
        server.Write(Held.Name, Held.File(3));
        await Until.TrueAsync(() => shared!.ContainsKey("disposed 2"), "the next handler, which nobody uses, is disposed");
        Assert.False(shared!.ContainsKey("disposed 1"));

        gate.SetResult();
        await use;
        await Until.TrueAsync(() => shared.ContainsKey("disposed 1"), "the handler is disposed after its last use");
        Assert.False(shared.ContainsKey("late"));
    }

    private static async Task<Task> UseAsync(LiveServer server, string where)
    {
        switch (where)
        {
            case "connected":
                return CallAsync(server);
            case "closed":
                var client = await server.ConnectAsync();
                await client.CallAsync<int>("HELD");
                return client.DisposeAsync().AsTask();
            case "web":
                return server.Http.GetStringAsync("/ducts/api/v1/held/waited");
            default:
                return Task.CompletedTask;
        }
    }

    // The connection opens when the hook has completed.
    private static async Task CallAsync(LiveServer server) => await (await server.ConnectAsync()).CallAsync<int>("HELD");
}
