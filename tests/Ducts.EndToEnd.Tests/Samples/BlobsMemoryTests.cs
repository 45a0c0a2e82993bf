using System.Security.Cryptography;
using Ducts.Client;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Samples;

/// <summary>Contents that are larger than what the server may hold of them. bench/Ducts.Blobs.Bench measures the full size.</summary>
public sealed class BlobsMemoryTests
{
    private const int Size = 96 * 1024 * 1024;
    private const int Piece = 512 * 1024;

    // In hexadecimal, as the runtime reads it: 64 MiB, less than one content.
    private const string HeapLimit = "4000000";

    [Fact]
    public async Task A_large_content_comes_and_goes_without_being_held_in_memory()
    {
        await using var folder = new WorkingFolder();
        // A server that held one of them would run out of memory. What the process takes beside its heap says nothing about contents.
        folder.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        await folder.StartServerAsync();
        await using var client = await DuctsClient.ConnectAsync(new Uri(folder.Address!, "/ducts/wsd"));
        using var http = new HttpClient { BaseAddress = new Uri(folder.Address!, "/ducts/api/v1/blobs/") };
        await client.CallAsync("BLOBS_GROUP_ADD", "g");
        var bytes = RandomNumberGenerator.GetBytes(Size);
        var hash = Convert.ToHexString(SHA256.HashData(bytes));
        var buffer = (await client.CallAsync<string>("BLOBS_BUFFER_OPEN"))!;
        for (var start = 0; start < Size; start += Piece)
        {
            await client.CallAsync("BLOBS_BUFFER_APPEND", new object[] { buffer, bytes.AsMemory(start, Piece) });
        }

        await client.CallAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { "g", buffer, "a" });
        using var put = await http.PutAsync("blob/g/b", new ByteArrayContent(bytes));
        put.EnsureSuccessStatusCode();

        Assert.Equal(hash, await StreamAsync(client, "a"));
        await using (var whole = await http.GetStreamAsync("blob/g/b"))
        {
            Assert.Equal(hash, Convert.ToHexString(await SHA256.HashDataAsync(whole)));
        }

        using var parts = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < 8; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "blob/g/a") { Headers = { Range = new(Size / 8 * i, (Size / 8 * (i + 1)) - 1) } };
            using var part = await http.SendAsync(request);
            parts.AppendData(await part.Content.ReadAsByteArrayAsync());
        }

        Assert.Equal(hash, Convert.ToHexString(parts.GetHashAndReset()));
    }

    private static async Task<string> StreamAsync(DuctsClient client, string key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var piece in client.StreamAsync("BLOBS", new object[] { "g", key }))
        {
            hash.AppendData(piece.GetBytes().Span);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
