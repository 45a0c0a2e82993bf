using System.Runtime.CompilerServices;
using System.Security.Claims;
using Ducts.MessagePack;
using Ducts.Redis;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Dispatch.Binding;

public class GivenParameterTests
{
    private interface IClock
    {
        string Name { get; }
    }

    [Fact]
    public async Task The_requests_own_things_are_given()
    {
        using var cancellation = new CancellationTokenSource();
        await using var services = new ServiceCollection().BuildServiceProvider();
        var request = new DuctsEvent(1000, "ECHO", MessagePackElement.From(5), null!);
        var target = new FakeTarget
        {
            Event = request,
            // Only handed through: a client that has never been connected will do.
            Redis = (IRedisClient)RuntimeHelpers.GetUninitializedObject(typeof(RedisClient)),
            Services = services,
            Token = cancellation.Token,
        };
        var handler = (DuctsEvent e, IEventSession session, IRedisClient redis, CancellationToken token, ClaimsPrincipal user, IServiceProvider provider) =>
            ReferenceEquals(e, request) && session is null && ReferenceEquals(redis, target.Redis) && token == cancellation.Token
            && ReferenceEquals(user, target.User) && ReferenceEquals(provider, services);

        Assert.Equal("reply true", await handler.CallAsync("[1,2]", target));
    }

    [Fact]
    public async Task Services_come_from_the_container()
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IClock>(new Clock("plain"))
            .AddKeyedSingleton<IClock>("tower", new Clock("tower"))
            .BuildServiceProvider();
        var target = new FakeTarget { Services = services };
        var handler = (string name, [FromServices] IClock clock, [FromKeyedServices("tower")] IClock tower, [FromServices] Clock? none, [FromKeyedServices("x")] IClock? other) =>
            $"{name} {clock.Name} {tower.Name} {none is null && other is null}";

        Assert.Equal("reply 'Ann plain tower True'", await handler.CallAsync("['Ann']", target));
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_the_servers_fault()
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        var target = new FakeTarget { Services = services };

        var typed = ([FromServices] IClock clock) => clock.Name;
        var keyed = ([FromKeyedServices(5)] IClock clock) => clock.Name;

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => typed.CallAsync("null", target));
        Assert.Contains(nameof(IClock), thrown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => keyed.CallAsync("null", target));
    }

    private sealed class Clock(string name) : IClock
    {
        public string Name => name;
    }
}
