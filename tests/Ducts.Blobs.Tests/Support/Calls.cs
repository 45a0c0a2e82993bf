using System.Text.Json.Nodes;
using Ducts.Client;
using Ducts.MessagePack;

namespace Ducts.Blobs.Tests.Support;

/// <summary>Calls whose data and replies are JSON, as tests write it.</summary>
internal static class Calls
{
    /// <summary>Calls an event with data in JSON.</summary>
    /// <returns>The reply as JSON; the text of an error, such as <c>KeyError: there is no …</c>.</returns>
    public static async Task<string> AskAsync(this DuctsClient client, string key, string data = "null")
    {
        try
        {
            return (await client.CallAsync(key, JsonNode.Parse(data))).ToString();
        }
        catch (DuctsRemoteException exception)
        {
            return exception.Text;
        }
    }

    /// <summary>Calls an event that fails.</summary>
    /// <returns>The error's name and text.</returns>
    public static async Task<string> FailAsync(this DuctsClient client, string key, object? data)
    {
        var exception = await Assert.ThrowsAnyAsync<DuctsRemoteException>(() => client.CallAsync(key, data));
        return exception.Text;
    }

    /// <summary>Reads the bytes of a content.</summary>
    public static async Task<byte[]> ReadAsync(this DuctsClient client, object data)
    {
        var whole = new MemoryStream();
        await foreach (var piece in client.StreamAsync<byte[]>("BLOBS", data))
        {
            Assert.InRange(piece!.Length, 1, 512 * 1024);
            whole.Write(piece);
        }

        return whole.ToArray();
    }

    /// <summary>Reads the bytes of a content as text.</summary>
    public static async Task<string> ReadTextAsync(this DuctsClient client, object data) => System.Text.Encoding.UTF8.GetString(await client.ReadAsync(data));

    /// <summary>Fills a buffer of the session.</summary>
    /// <returns>The buffer's id.</returns>
    public static async Task<string> FillBufferAsync(this DuctsClient client, params byte[][] pieces)
    {
        var buffer = (await client.CallAsync<string>("BLOBS_BUFFER_OPEN"))!;
        foreach (var piece in pieces)
        {
            await client.CallAsync("BLOBS_BUFFER_APPEND", new object[] { buffer, piece });
        }

        return buffer;
    }

    public static string Text(this MessagePackElement map, string name) => map.GetProperty(name).GetString()!;

    public static string[] Names(this MessagePackElement map) => [.. map.EnumerateObject().Select(static property => property.Name)];
}
