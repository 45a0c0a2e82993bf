using System.Collections.Immutable;
using System.Net.Http.Json;
using Ducts.Server.Tests.Discovery;

namespace Ducts.Server.Tests.WebApis;

public sealed class CollisionTests
{
    // Multiples of 2^32 and one more have one hash code in .NET.
    private static readonly long[] Colliding = [.. Enumerable.Range(0, 500).Select(static i => ((long)i << 32) | (uint)i)];

    [Fact]
    public async Task A_body_cannot_choose_keys_that_collide()
    {
        Assert.Single(Colliding.Select(static key => key.GetHashCode()).Distinct());
        var map = Colliding.ToDictionary(static key => key, static _ => 1);
        await using var host = await HttpHost.StartAsync(snapshot: WebApiTests.Snapshot(new KeyHandler()));

        using var answer = await host.Client.PostAsJsonAsync(
            "/ducts/api/v1/my_test_handler/hash_codes", new { map, read = map, set = Colliding, @fixed = map }, TestContext.Current.CancellationToken);

        // Two of 500 random hash codes may be the same.
        var distinct = await answer.Content.ReadFromJsonAsync<int[]>(TestContext.Current.CancellationToken);
        Assert.Equal(4, distinct!.Length);
        Assert.All(distinct, static count => Assert.InRange(count, 498, 500));
    }

    [Event(1000, "MY_TEST_HANDLER")]
    internal sealed class KeyHandler : DuctsHandler
    {
        [WebApi("POST", "/hash_codes")]
        public int[] HashCodes(Collided body) =>
        [
            Distinct(body.Map.Comparer),
            Distinct(((Dictionary<long, int>)body.Read).Comparer),
            Distinct(((HashSet<long>)body.Set).Comparer),
            Distinct(body.Fixed.KeyComparer),
        ];

        private static int Distinct(IEqualityComparer<long> comparer) => Colliding.Select(comparer.GetHashCode).Distinct().Count();
    }

    internal sealed record Collided(Dictionary<long, int> Map, IReadOnlyDictionary<long, int> Read, ISet<long> Set, ImmutableDictionary<long, int> Fixed);
}
