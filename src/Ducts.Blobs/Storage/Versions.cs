using System.Globalization;
using Ducts.Redis;

namespace Ducts.Blobs.Storage;

/// <summary>Versions are the entries of a stream of metadata, and their ids those of the entries.</summary>
internal static class Versions
{
    private const string Newest = "latest";

    public static bool IsNewest(string version) => version.Length == 0 || version == Newest;

    /// <summary>Whether a version could be the id of an entry.</summary>
    public static bool IsId(string version) =>
        version.Split('-') is [var milliseconds, var number] && IsNumber(milliseconds) && IsNumber(number);

    /// <summary>Returns an entry; null if there is none.</summary>
    public static async ValueTask<RedisStreamEntry?> FindAsync(IRedisClient redis, string stream, string version, CancellationToken cancellationToken)
    {
        if (IsNewest(version))
        {
            return await redis.XLastWithIdAsync(stream, cancellationToken);
        }

        return IsId(version) ? await redis.XGetWithIdAsync(stream, version, cancellationToken) : null;
    }

    /// <summary>Returns entries as lists of id and fields, newest first.</summary>
    /// <exception cref="EventException">The version is malformed (KeyError), or the count is below 1 (ValueError).</exception>
    public static async Task<object[][]> ListAsync(IRedisClient redis, string stream, string version, int count, CancellationToken cancellationToken)
    {
        if (count < 1)
        {
            throw EventException.InvalidValue($"count: expected at least 1, found {count}");
        }

        var start = version == "+" || IsNewest(version) ? "+"
            : IsId(version) ? version
            : throw EventException.NotFound($"there is no version '{version}'");
        var entries = await redis.XRevRangeAsync(stream, start, "-", count, cancellationToken);
        return [.. entries.Select(static entry => (object[])[entry.Id, entry.Fields])];
    }

    private static bool IsNumber(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
