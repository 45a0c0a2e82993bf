using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Ducts.Tests.Dispatch;

/// <summary>Services with a lifetime of one request, as database contexts have.</summary>
public sealed class RequestServicesTests(RedisFixture redis)
{
    [Fact]
    public async Task Each_request_has_services_of_its_own_which_are_disposed_with_it()
    {
        var units = new Units();
        await using var server = await StartAsync(units, static app => app.MapEvent(2000, "UNIT", ([FromServices] Unit unit, [FromServices] Partner partner) => partner.Unit == unit ? unit.Number : -1));
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,2000,1]", await client.CallAsync("[1,2000,null]"));
        Assert.Equal("[2,2000,2]", await client.CallAsync("[2,2000,null]"));

        await Until.TrueAsync(() => units.Disposed.Count == 2);
    }

    [Fact]
    public async Task A_stream_keeps_its_services_to_its_end()
    {
        var units = new Units();
        var goOn = new TaskCompletionSource();
        await using var server = await StartAsync(units, app => app.MapEvent(2000, "UNITS", ([FromServices] Unit unit) => Stream(unit, goOn.Task)));
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,1,[1,2000,\"open\"]]", await client.CallAsync("[1,2000,null]"));
        Assert.Empty(units.Disposed);
        goOn.SetResult();
        Assert.Equal("[1,2,[1,2000,\"open\"]]", await client.ReceiveAsync());
        Assert.Equal("[1,3,[1,2000,null]]", await client.ReceiveAsync());

        await Until.TrueAsync(() => units.Disposed.Count == 1);
    }

    [Fact]
    public async Task A_session_gives_the_services_of_its_request_and_none_outside_of_one()
    {
        var units = new Units();
        await using var server = await StartAsync(units, static app => app.MapEvent(2000, "UNIT", async (IEventSession session, [FromServices] Unit unit) =>
        {
            await Task.Yield();
            return session.Services.GetRequiredService<Unit>() == unit;
        }));
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,2000,true]", await client.CallAsync("[1,2000,null]"));

        await Until.TrueAsync(() => units.Disposed.Count == 1);
        Assert.Contains("IServiceScopeFactory", Assert.Throws<InvalidOperationException>(() => server.Sessions.Single().Services).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_has_services_of_its_own_which_are_disposed_with_it()
    {
        var units = new Units();
        await using var server = await StartAsync(units, static _ => { }, static services => services.AddSingleton<IHandlerSource, Source>());
        await using (await server.OpenAsync())
        {
            await Until.TrueAsync(() => units.Disposed.Count == 1);
        }

        Assert.Equal(1, units.Made);
    }

    [Fact]
    public async Task A_service_that_fails_to_be_disposed_is_logged_and_the_reply_has_been_sent()
    {
        var units = new Units { FailsToDispose = true };
        await using var server = await StartAsync(units, static app => app.MapEvent(2000, "UNIT", ([FromServices] Unit unit) => unit.Number));
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,2000,1]", await client.CallAsync("[1,2000,null]"));

        await Until.TrueAsync(() => server.Log.All.Any(static line => line.Contains("Disposing the services of a request to event UNIT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_scope_is_created_before_a_service_is_asked_for_and_one_is_created_for_many()
    {
        var root = new CountingProvider();
        await using (new RequestServices(root))
        {
        }

        Assert.Equal(0, root.Scopes);
        var services = new RequestServices(root);
        Assert.Same(services.GetService<Unit>(), services.GetService<Unit>());
        Assert.Equal(1, root.Scopes);
        await services.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(services.GetService<Unit>);
    }

    private static async IAsyncEnumerable<string> Stream(Unit unit, Task goOn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return unit.State;
        await goOn.WaitAsync(cancellationToken);
        yield return unit.State;
    }

    private Task<WireServer> StartAsync(Units units, Action<WebApplication> map, Action<IServiceCollection>? add = null) => WireServer.StartAsync(
        redis,
        map: map,
        host: host => host
            .UseDefaultServiceProvider(static provider => provider.ValidateScopes = true)
            .ConfigureServices(services =>
            {
                services.AddSingleton(units).AddScoped<Unit>().AddScoped<Partner>();
                add?.Invoke(services);
            }));

    private sealed class Units
    {
        private int _made;

        public int Made => _made;

        public ConcurrentQueue<int> Disposed { get; } = new();

        public bool FailsToDispose { get; init; }

        public int Next() => Interlocked.Increment(ref _made);
    }

    private sealed class Unit(Units units) : IAsyncDisposable
    {
        public int Number { get; } = units.Next();

        public string State { get; private set; } = "open";

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            State = "disposed";
            units.Disposed.Enqueue(Number);
            if (units.FailsToDispose)
            {
                throw new IOException("the unit fails");
            }
        }
    }

    private sealed record Partner(Unit Unit);

    private sealed class Hooked : DuctsHandler
    {
        public string Handle() => "";

        public override Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken)
        {
            session.Services.GetRequiredService<Unit>();
            return Task.CompletedTask;
        }
    }

    private sealed class Source : IHandlerSource
    {
        public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new HandlerSet([new HandlerCandidate(2900, "HOOKED", typeof(Hooked), "test")], []));

        public IChangeToken? Watch() => null;
    }

    private sealed class CountingProvider : IServiceProvider, IServiceScopeFactory, IServiceScope
    {
        private readonly Unit _unit = new(new Units());

        public int Scopes { get; private set; }

        public IServiceProvider ServiceProvider => this;

        public IServiceScope CreateScope()
        {
            Scopes++;
            return this;
        }

        public object? GetService(Type serviceType) =>
            serviceType == typeof(IServiceScopeFactory) ? this : serviceType == typeof(Unit) ? _unit : null;

        public void Dispose()
        {
        }
    }
}
