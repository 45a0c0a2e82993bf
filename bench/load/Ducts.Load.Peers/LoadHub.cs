using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Ducts.Load.Peers;

/// <summary>The scenarios as methods of a SignalR hub.</summary>
internal sealed class LoadHub : Hub
{
    private const string Group = "followers";
    private static readonly byte[] Bytes = new byte[10 * 1024 * 1024];

    public static Action<WebApplication> Add(WebApplicationBuilder builder)
    {
        // The driver sends no pings of its own, which SignalR would wait for.
        builder.Services.AddSignalR(static options => options.ClientTimeoutInterval = TimeSpan.FromHours(1)).AddJsonProtocol();
        return static app => app.MapHub<LoadHub>("/hub", static options => options.Transports = HttpTransportType.WebSockets);
    }

    public string Echo(string text) => text;

    public JsonElement EchoMap(JsonElement data) => data;

    public LoadItem Record(LoadItem item) => item with { Stock = item.Stock - 1 };

    public async IAsyncEnumerable<int> Count(int count)
    {
        for (var i = 0; i < count; i++)
            yield return i;
        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<int> CountYield(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public ChannelReader<int> CountChannel(int count)
    {
        var channel = Channel.CreateBounded<int>(64);
        _ = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                await channel.Writer.WriteAsync(i);
            channel.Writer.Complete();
        });
        return channel.Reader;
    }

    public Task Follow() => Groups.AddToGroupAsync(Context.ConnectionId, Group);

    public async Task<string> Say(string text)
    {
        await Clients.Group(Group).SendAsync("item", text);
        return text;
    }

    public byte[] Blob() => Bytes;
}
