using Ducts.Blobs.Storage;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>The stores over one connection, without a server.</summary>
internal sealed class Stores
{
    public const string Owner = "SS.test";

    private static readonly Dictionary<string, object?> None = [];

    public Stores(IRedisClient client)
    {
        var options = Options.Create(new DuctsOptions());
        Redis = new BlobRedis(client);
        Groups = new GroupStore(Redis);
        Reader = new ContentReader(Redis, Groups);
        Buffers = new BufferStore(Redis, Reader, options);
        Contents = new ContentStore(Redis, Groups, Reader, Buffers, TimeProvider.System, options);
        Directories = new DirectoryStore(Redis, Groups, Reader, TimeProvider.System);
    }

    public BlobRedis Redis { get; }

    public GroupStore Groups { get; }

    public ContentReader Reader { get; }

    public BufferStore Buffers { get; }

    public ContentStore Contents { get; }

    public DirectoryStore Directories { get; }

    public Task<string> AddGroupAsync(string group) => Groups.AddAsync(group, "", "", None, default);

    public Task<WrittenContent> AddAsync(string group, string key, string text) => Contents.AddAsync(group, "", NewContent.Of(key, ""), text, default);

    public Task<WrittenContent> UpdateAsync(string group, string key, string? text, Dictionary<string, object?>? extra = null) =>
        Contents.UpdateAsync(group, key, text, "", extra ?? None, default);

    public Task<WrittenContent> AddByBufferAsync(string group, string key, string buffer) =>
        Contents.AddByBufferAsync(group, "", NewContent.Of(key, ""), Owner, buffer, default);

    public Task<WrittenContent> UpdateByBufferAsync(string group, string key, string buffer) =>
        Contents.UpdateByBufferAsync(group, Owner, buffer, key, "", None, default);

    public Task<WrittenContent> AddDirectoryAsync(string group, string key) => Contents.AddDirectoryAsync(group, key, null, "", None, default);

    public async Task<string> FillAsync(byte[] bytes)
    {
        var buffer = await Buffers.OpenAsync(Owner, default);
        foreach (var piece in bytes.Chunk(ContentReader.PieceSize))
        {
            await Buffers.AppendAsync(Owner, buffer, piece, default);
        }

        return buffer;
    }

    public async Task<string> ReadTextAsync(string group, string key, string version = "")
    {
        var content = await Reader.GetAsync(group, key, version, "", default);
        var text = "";
        await foreach (var piece in Reader.ReadAsync(content, 0, await Reader.LengthOfAsync(content, default), default))
        {
            text += System.Text.Encoding.UTF8.GetString(piece.Span);
        }

        return text;
    }
}
