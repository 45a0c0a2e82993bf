using System.Collections.Concurrent;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Blobs.Storage;

/// <summary>Buffers, in which large contents come piece by piece; each belongs to a session.</summary>
internal sealed class BufferStore(BlobRedis redis, ContentReader reader, IOptions<DuctsOptions> options)
{
    /// <summary>How many openings of buffers stay on record.</summary>
    private const int MaxRecords = 100_000;

    private const string AttributeName = "Ducts.Blobs.Buffers";

    private long TimeToLive => (long)options.Value.Blobs.BlobsBufferTtl.TotalSeconds;

    /// <summary>Opens a buffer that ends with its session.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> OpenAsync(IEventSession session, CancellationToken cancellationToken)
    {
        var id = await OpenAsync(session.SessionId, cancellationToken);
        var open = (ConcurrentDictionary<string, bool>)session.Attributes.GetOrAdd(AttributeName, static _ => new ConcurrentDictionary<string, bool>(StringComparer.Ordinal))!;
        open[id] = true;
        if (session.Closed.IsCancellationRequested)
        {
            // It may have ended before the buffer was among its own.
            await DeleteAsync(session.SessionId, id, cancellationToken);
        }

        return id;
    }

    /// <summary>Opens a buffer.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> OpenAsync(string owner, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var reply = await redis.RunAsync(BlobScripts.OpenBuffer, [keys.Buffers], [owner, keys.Buffer(owner, ""), TimeToLive, MaxRecords], cancellationToken);
        return reply.Text(1);
    }

    /// <summary>Appends to a buffer.</summary>
    /// <returns>The new length in bytes.</returns>
    /// <exception cref="EventException">There is no such buffer, or the content would be too large (ValueError).</exception>
    public async Task<long> AppendAsync(string owner, string id, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var reply = await redis.RunAsync(BlobScripts.AppendToBuffer, [keys.Buffer(owner, id)], [bytes, options.Value.Blobs.BlobsMaxSize, TimeToLive], cancellationToken);
        return reply.Word switch
        {
            "ok" => reply[1].AsInt64(),
            "absent" => throw Absent(id),
            _ => throw TooLarge(),
        };
    }

    /// <summary>Returns the hash and the length of what is in a buffer now.</summary>
    /// <exception cref="EventException">There is no such buffer (ValueError).</exception>
    public async Task<(string Cid, long Length)> HashAsync(string owner, string id, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        var key = keys.Buffer(owner, id);
        if (id.Length == 0 || (await redis.Client.ExecuteAsync("EXISTS", [key], cancellationToken)).AsInt64() == 0)
        {
            throw Absent(id);
        }

        var length = (await redis.Client.ExecuteAsync("STRLEN", [key], cancellationToken)).AsInt64();
        using var hash = BlobKeys.StartHash();
        try
        {
            await foreach (var piece in reader.ReadAsync(key, 0, length, cancellationToken))
            {
                hash.AppendData(piece.Span);
            }
        }
        catch (EventException)
        {
            throw Absent(id);
        }

        return (Convert.ToHexStringLower(hash.GetHashAndReset()), length);
    }

    /// <summary>Deletes a buffer.</summary>
    public async Task DeleteAsync(string owner, string id, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        await redis.Client.ExecuteAsync("UNLINK", [keys.Buffer(owner, id)], cancellationToken);
    }

    /// <summary>Deletes the buffers of a session that has ended.</summary>
    public async Task DeleteAllAsync(IEventSession session, CancellationToken cancellationToken)
    {
        if (session.Attributes.TryGetValue(AttributeName, out var value) && value is ConcurrentDictionary<string, bool> open)
        {
            foreach (var id in open.Keys)
            {
                await DeleteAsync(session.SessionId, id, cancellationToken);
            }
        }
    }

    public static EventException Absent(string id) => EventException.InvalidValue($"there is no buffer '{id}' in this session");

    public EventException TooLarge() => EventException.InvalidValue($"the content is larger than blobs_max_size, {options.Value.Blobs.BlobsMaxSize} bytes");
}
