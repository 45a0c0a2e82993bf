using Ducts.Client;
using Ducts.Docs.Blocks;
using Ducts.Docs.Markdown;
using Ducts.MessagePack;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Docs;

/// <summary>The chat of the guide "Groups and presence", as two clients use it.</summary>
public sealed class GroupsGuideTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("ducts-groups-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Its_chat_tells_members_what_is_said_and_who_is_there()
    {
        var token = TestContext.Current.CancellationToken;
        await using var app = await StartAsync();
        var url = new Uri(app.Urls.First() + "/ducts/wsd");
        await using var ada = await DuctsClient.ConnectAsync(url, cancellationToken: token);
        await using var bob = await DuctsClient.ConnectAsync(url, cancellationToken: token);
        var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        ada.On("CHAT", message => heard.TrySetResult(message.GetProperty("text").GetString()));
        var refusal = await Assert.ThrowsAnyAsync<DuctsRemoteException>(() => bob.CallAsync<int>("CHAT", new { room = "lounge", text = "Hello!" }, token));
        Assert.Contains("join the room first", refusal.Message, StringComparison.Ordinal);
        Assert.True(await ada.CallAsync<bool>("CHAT_JOIN", new { room = "lounge" }, token));
        await using var presence = bob.StreamAsync<GroupChange>("CHAT_PRESENCE", new { room = "lounge" }, token).GetAsyncEnumerator(token);
        Assert.Equal((GroupChangeKind.Snapshot, 1), await NextAsync());

        Assert.True(await bob.CallAsync<bool>("CHAT_JOIN", new { room = "lounge" }, token));
        Assert.Equal((GroupChangeKind.Joined, 1), await NextAsync());
        Assert.Equal(2, await bob.CallAsync<int>("CHAT", new { room = "lounge", text = "Hello!" }, token));
        Assert.Equal("Hello!", await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), token));
        await ada.CloseAsync(token);

        Assert.Equal((GroupChangeKind.Left, 1), await NextAsync());
        await app.StopAsync(token);

        async Task<(GroupChangeKind, int)> NextAsync()
        {
            Assert.True(await presence.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), token));
            return (presence.Current!.Kind, presence.Current.Members.Count);
        }
    }

    private async Task<WebApplication> StartAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_home, "handler")).FullName;
        foreach (var block in MarkdownDocument.Read("docs/guide/groups.md").Blocks.Where(static block => block.Language == "csharp" && block.Text.StartsWith("// handler/", StringComparison.Ordinal)))
        {
            var name = block.Text["// handler/".Length..block.Text.IndexOf('\n', StringComparison.Ordinal)];
            await File.WriteAllTextAsync(Path.Combine(folder, name), block.Text);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services
            .AddDucts(options =>
            {
                options.Common.DuctsHome = _home;
                options.Redis.RedisEmbedded = EmbeddedRedisMode.Always;
                options.Event.Strict = true;
            })
            .AddEmbeddedRedis(inProduction: true)
            .AddHandlerFolder(folder);
        var app = builder.Build();
        app.MapDucts();
        await app.StartAsync();
        return app;
    }
}
