using Ducts.Tests.Identity;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Cluster;

/// <summary>Tests with servers that know users and are the nodes of one cluster.</summary>
public abstract class UserNodes(RedisFixture redis)
{
    private readonly string _key = $"TEST/{Guid.NewGuid():N}";

    private protected Task<UserServer> StartAsync() => UserServer.StartAsync(
        redis,
        options =>
        {
            options.Cluster.Cluster = true;
            options.Cluster.ClusterKey = _key;
            // None is to die by itself, however busy the machine is.
            options.Cluster.NodeTtl = TimeSpan.FromSeconds(600);
        },
        Map);

    /// <summary>Maps further events.</summary>
    private protected virtual void Map(WebApplication app)
    {
    }
}
