using Ducts.Handlers;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Ducts.Server.Tests.Handlers;

/// <summary>Libraries of handlers, whose ids may be below those of users.</summary>
public class ReservedIdTests(RedisFixture redis)
{
    [Theory]
    [InlineData(500, true)]
    [InlineData(600, false)]
    [InlineData(null, false)]
    public async Task A_source_says_how_low_the_ids_of_its_events_may_be(int? minId, bool isLoaded)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHandlerSource>(new Library(minId));
        builder.Services.AddDucts(options => options.Redis.RedisUriMain = redis.Uri);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapDucts();
        await app.StartAsync();

        Assert.Equal(isLoaded, app.Services.GetRequiredService<IHandlerManager>().KeyIds.ContainsKey("LOW"));
        await app.StopAsync();
    }

    public sealed class Low : DuctsHandler
    {
        public int Handle() => 1;
    }

    private sealed class Library(int? minId) : IHandlerSource
    {
        public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new HandlerSet([new HandlerCandidate(510, "LOW", typeof(Low), "test")], []) { MinEventId = minId });

        public IChangeToken? Watch() => null;
    }
}
