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

    private readonly ConcurrentDictionary<(string Owner, string Id), OpenBuffer> _open = [];

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
        var id = reply.Text(1);
        _open[(owner, id)] = new OpenBuffer();
        return id;
    }

    /// <summary>Appends to a buffer.</summary>
    /// <returns>The new length in bytes.</returns>
    /// <exception cref="EventException">There is no such buffer, or the content would be too large (ValueError).</exception>
    public Task<long> AppendAsync(string owner, string id, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        UseAsync(
            owner,
            id,
            async (key, buffer) =>
            {
                var length = buffer.Length + bytes.Length;
                if (length > options.Value.Blobs.BlobsMaxSize)
                {
                    throw TooLarge();
                }

                cancellationToken.ThrowIfCancellationRequested();
                var appending = ChangeAsync(key, "APPEND", [key, bytes]);
                buffer.Begin(bytes.Span);
                if (await appending != length)
                {
                    // It expired, and what stands in its place is a part.
                    buffer.IsGone = true;
                    await DeleteAsync(owner, id, CancellationToken.None);
                    throw Absent(id);
                }

                buffer.Complete(length);
                return length;
            },
            cancellationToken);

    /// <summary>Writes bytes at any place of a buffer whose owner keeps its length, and takes it only when it is whole.</summary>
    /// <exception cref="EventException">There is no such buffer (ValueError).</exception>
    public async Task WriteAsync(string owner, string id, long start, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var key = (await redis.KeysAsync(cancellationToken)).Buffer(owner, id);
        cancellationToken.ThrowIfCancellationRequested();
        _ = await ChangeAsync(key, "SETRANGE", [key, start, bytes]) ?? throw Absent(id);
    }

    /// <summary>Makes a content of a buffer, to which nobody appends meanwhile.</summary>
    /// <param name="owner">Whose buffer it is.</param>
    /// <param name="id">The buffer's id.</param>
    /// <param name="write">Writes the content; given where its bytes are.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="EventException">There is no such buffer (ValueError), or the content cannot be written.</exception>
    public Task<WrittenContent> TakeAsync(string owner, string id, Func<ContentSource, Task<WrittenContent>> write, CancellationToken cancellationToken) =>
        UseAsync(
            owner,
            id,
            async (key, buffer) =>
            {
                // The script that writes finds out whether the buffer is still there.
                var hash = buffer.Hash ?? await ReadHashAsync(key, id, buffer.Length, cancellationToken);
                var written = await write(ContentSource.OfBuffer(owner, id, hash, buffer.Length));
                buffer.IsGone = true;
                buffer.Dispose();
                _open.TryRemove((owner, id), out _);
                return written;
            },
            cancellationToken);

    /// <summary>Deletes a buffer.</summary>
    public async Task DeleteAsync(string owner, string id, CancellationToken cancellationToken)
    {
        var keys = await redis.KeysAsync(cancellationToken);
        // Whoever is at it still has it; the runtime frees the hash then.
        _open.TryRemove((owner, id), out _);
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

    /// <summary>Uses a buffer that the server has opened, once nobody else does.</summary>
    private async Task<T> UseAsync<T>(string owner, string id, Func<string, OpenBuffer, Task<T>> use, CancellationToken cancellationToken)
    {
        if (!_open.TryGetValue((owner, id), out var buffer))
        {
            throw Absent(id);
        }

        var key = (await redis.KeysAsync(cancellationToken)).Buffer(owner, id);
        await buffer.Gate.WaitAsync(cancellationToken);
        try
        {
            if (buffer.IsUncertain && !buffer.IsGone)
            {
                await RecoverAsync(buffer, key, cancellationToken);
            }

            return buffer.IsGone ? throw Absent(id) : await use(key, buffer);
        }
        finally
        {
            buffer.Gate.Release();
        }
    }

    /// <summary>Asks Redis what came of an append that it did not answer.</summary>
    private async Task RecoverAsync(OpenBuffer buffer, string key, CancellationToken cancellationToken)
    {
        var replies = await redis.Client.BatchAsync(new RedisBatch().Add("EXISTS", key).Add("STRLEN", key), cancellationToken);
        var length = replies[1].AsInt64();
        if (replies[0].AsInt64() == 0 || length < buffer.Length)
        {
            buffer.IsGone = true;
        }
        else
        {
            buffer.Recover(length);
        }
    }

    private async Task<string> ReadHashAsync(string key, string id, long length, CancellationToken cancellationToken)
    {
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

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// Changes a buffer by a plain command, as a script would copy the bytes, and renews its time to live. The one that the command makes
    /// where there was no buffer has a time to live as well. It is not cancelled: a change that nobody waits for could come after the
    /// buffer's deletion, and bring a part of it back.
    /// </summary>
    /// <returns>The new length; null if there was no buffer.</returns>
    private async Task<long?> ChangeAsync(string key, string command, RedisArgument[] arguments)
    {
        var commands = new RedisBatch().Add("EXPIRE", key, TimeToLive).Add(command, arguments).Add("EXPIRE", key, TimeToLive);
        var replies = await redis.Client.TransactionAsync(commands, CancellationToken.None);
        var length = replies[1].AsInt64();
        return replies[0].AsInt64() == 1 ? length : null;
    }
}
