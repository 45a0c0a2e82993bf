using System.Globalization;
using System.Text;
using Ducts.Blobs.Storage;
using Ducts.Redis;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>What a server finds that comes later: all groups and contents with all their versions, and the bytes of each.</summary>
internal static class StoredState
{
    /// <summary>Returns all as text, which does not depend on when it was written.</summary>
    /// <exception cref="EventException">Something is not readable.</exception>
    public static async Task<string> ReadAsync(Stores stores)
    {
        var text = new StringBuilder().AppendLine($"names: {string.Join(' ', await stores.Groups.ListNamesAsync(default))}");
        foreach (var group in await stores.Groups.ListAsync(default))
        {
            foreach (var version in await stores.Groups.ListVersionsAsync(group, "", "+", 100, default))
            {
                text.AppendLine($"group {group}: {Describe(version, [])}");
            }

            foreach (var content in await stores.Reader.ListAsync(group, "", default))
            {
                var versions = await stores.Reader.ListVersionsAsync(group, content!, "+", "", 100, default);
                foreach (var version in versions)
                {
                    var stored = await stores.Reader.GetAsync(group, content!, (string)version[0], "", default);
                    var bytes = stored.IsDirectory ? await ListAsync(stores, stored) : await ReadAsync(stores, stored);
                    text.AppendLine($"  content {content}: {Describe(version, versions)} = {bytes}");
                }
            }
        }

        return text.ToString();
    }

    private static async Task<string> ListAsync(Stores stores, StoredContent directory) =>
        string.Join(' ', (await stores.Directories.ListAsync(directory, default)).OrderBy(static file => file.Key, StringComparer.Ordinal).Select(static file => $"{file.Key}: {file.Value}"));

    private static async Task<string> ReadAsync(Stores stores, StoredContent content)
    {
        var length = await stores.Reader.LengthOfAsync(content, default);
        using var hash = BlobKeys.StartHash();
        await foreach (var piece in stores.Reader.ReadAsync(content, 0, length, default))
        {
            hash.AppendData(piece.Span);
        }

        Assert.Equal(content.Fields["content_length"], length.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(content.Cid, Convert.ToHexStringLower(hash.GetHashAndReset()));
        return $"{length} bytes";
    }

    private static string Describe(object[] version, object[][] versions)
    {
        var fields = (RedisFields)version[1];
        return string.Join(' ', fields.Where(static field => field.Key != "last_modified").OrderBy(static field => field.Key, StringComparer.Ordinal).Select(field =>
            $"{field.Key}={(field.Key == "revert_to" ? $"version {Array.FindIndex(versions, other => (string)other[0] == field.Value) - versions.Length}" : field.Value)}"));
    }
}
