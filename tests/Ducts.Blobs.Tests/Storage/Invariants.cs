using Ducts.Blobs.Storage;
using Ducts.Redis;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>What holds of the data in Redis however writers have ended.</summary>
internal static class Invariants
{
    /// <summary>
    /// Checks that each content in the order has versions, each version an object, each object a version, each name a group, and that whatever
    /// else there is goes by itself.
    /// </summary>
    public static async Task CheckAsync(IRedisClient redis, BlobKeys keys)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in redis.ScanAsync("*"))
        {
            all.Add(key);
        }

        var buffers = all.Where(key => key.StartsWith($"{keys.Buffers}/", StringComparison.Ordinal)).ToList();
        foreach (var buffer in buffers)
        {
            Assert.InRange((await redis.ExecuteAsync("TTL", buffer)).AsInt64(), 1, 3600);
        }

        all.ExceptWith([keys.Buffers, .. buffers]);
        var expected = new HashSet<string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var groupKey in all.Where(key => key.StartsWith($"{keys.Prefix}BLOBS/GKEY=", StringComparison.Ordinal)).Select(keys.GroupKeyIn))
        {
            expected.Add(keys.Group(groupKey));
            var group = await redis.XLastAsync(keys.Group(groupKey));
            var gid = group["gid"];
            names.Add(group["group_key_text"]);
            foreach (var contentKey in (await redis.ExecuteAsync("ZRANGE", keys.ContentKeys(gid), 0, -1)).AsStrings())
            {
                expected.UnionWith([keys.ContentKeys(gid), keys.ContentCounter(gid), keys.Content(gid, contentKey!)]);
                var versions = await redis.XRangeAsync(keys.Content(gid, contentKey!));
                Assert.NotEmpty(versions);
                foreach (var version in versions)
                {
                    expected.Add(version.Fields.GetValueOrDefault("is_dir") == "1" ? keys.Directory(gid, version["cid"]) : keys.Object(gid, version["cid"]));
                }
            }

            if (all.Contains(keys.ContentCounter(gid)))
            {
                expected.Add(keys.ContentCounter(gid));
            }
        }

        all.ExceptWith([keys.GroupCounter, keys.GroupNames]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), all.Order(StringComparer.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), (await redis.ExecuteAsync("ZRANGE", keys.GroupNames, 0, -1)).AsStrings().Order(StringComparer.Ordinal));
    }
}
