using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Groups;

/// <summary>Events by which clients of the tests join, leave and follow groups.</summary>
internal static class GroupEvents
{
    public const int Join = 2100;
    public const int Leave = 2101;
    public const int Follow = 2102;
    public const int List = 2103;

    public static Task<WireServer> StartAsync(RedisFixture redis, Action<DuctsOptions>? configure = null) =>
        WireServer.StartAsync(redis, configure, Map);

    public static void Map(WebApplication app)
    {
        var groups = app.Services.GetRequiredService<IGroupCollection>();
        app.MapEvent(Join, "JOIN", static (string name, IEventSession session, CancellationToken token) => session.Groups.AddAsync(name, token));
        app.MapEvent(Leave, "LEAVE", static (string name, IEventSession session, CancellationToken token) => session.Groups.RemoveAsync(name, token));
        app.MapEvent(Follow, "FOLLOW", (string name) => groups[name].FollowAsync());
        app.MapEvent(List, "LIST", (string name) => groups[name].MembersAsync());
    }

    /// <summary>Adds the session of a client to a group.</summary>
    public static async Task JoinAsync(this WireClient client, string name = "room") =>
        Assert.Equal($"[1,{Join},true]", await client.CallAsync($$"""[1,{{Join}},{"name":"{{name}}"}]"""));

    public static async Task<string> LeaveAsync(this WireClient client, string name = "room") =>
        await client.CallAsync($$"""[1,{{Leave}},{"name":"{{name}}"}]""");

    public static async Task<List<GroupMember>> ListAsync(this IGroup group)
    {
        var members = new List<GroupMember>();
        await foreach (var member in group.MembersAsync(TestContext.Current.CancellationToken))
        {
            members.Add(member);
        }

        return members;
    }
}
