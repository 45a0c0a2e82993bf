using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Ducts.Redis.Commands;
using Ducts.Redis.Streams;
using StackExchange.Redis;

namespace Ducts.Redis;

/// <content>Streams, scripts, scanning.</content>
public sealed partial class RedisClient
{
    // XADD stream [MAXLEN ~ n] * field value…, then PUBLISH channel id.
    private const string AddAndPublish = """
        local args = {}
        if ARGV[2] ~= '' then args = {'MAXLEN', '~', ARGV[2]} end
        args[#args + 1] = '*'
        for i = 3, #ARGV do args[#args + 1] = ARGV[i] end
        local id = redis.call('XADD', KEYS[1], unpack(args))
        return {id, redis.call('PUBLISH', ARGV[1], id)}
        """;

    // An id that changes with every call is no script; beyond this many, hashes are made anew.
    private const int KeptHashes = 1000;

    private readonly ConcurrentDictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<string> XAddAsync(string stream, params ReadOnlySpan<RedisArgument> pairs) =>
        XAddAsync(stream, pairs, maxLength: null);

    /// <inheritdoc/>
    public ValueTask<string> XAddAsync(string stream, ReadOnlySpan<RedisArgument> pairs, long? maxLength, CancellationToken cancellationToken = default)
    {
        StreamFields.Check(pairs);
        return maxLength is { } limit
            ? Send("XADD", [stream, "MAXLEN", "~", limit, "*"], pairs, static reply => reply.AsString()!, cancellationToken)
            : Send("XADD", [stream, "*"], pairs, static reply => reply.AsString()!, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<string> XAddAsync(string stream, object fields, long? maxLength = null, CancellationToken cancellationToken = default) =>
        XAddAsync(stream, StreamFields.Read(fields).AsSpan(), maxLength, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisPublishedEntry> XAddAndPublishAsync(string channel, string stream, params ReadOnlySpan<RedisArgument> pairs) =>
        XAddAndPublish(channel, stream, pairs, null, default);

    /// <inheritdoc/>
    public ValueTask<RedisPublishedEntry> XAddAndPublishAsync(string channel, string stream, object fields, long? maxLength = null, CancellationToken cancellationToken = default) =>
        XAddAndPublish(channel, stream, StreamFields.Read(fields), maxLength, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisFields> XGetAsync(string stream, string id, CancellationToken cancellationToken = default) =>
        Send("XRANGE", [stream, id, id], default, static reply => RedisStreamEntry.CreateFirst(reply)?.Fields ?? RedisFields.Empty, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisStreamEntry?> XGetWithIdAsync(string stream, string id, CancellationToken cancellationToken = default) =>
        Send("XRANGE", [stream, id, id], default, RedisStreamEntry.CreateFirst, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisFields> XLastAsync(string stream, CancellationToken cancellationToken = default) =>
        Send("XREVRANGE", [stream, "+", "-", "COUNT", 1], default, static reply => RedisStreamEntry.CreateFirst(reply)?.Fields ?? RedisFields.Empty, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisStreamEntry?> XLastWithIdAsync(string stream, CancellationToken cancellationToken = default) =>
        Send("XREVRANGE", [stream, "+", "-", "COUNT", 1], default, RedisStreamEntry.CreateFirst, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RedisStreamEntry>> XRangeAsync(
        string stream, string start = "-", string stop = "+", long? count = null, CancellationToken cancellationToken = default) =>
        Range("XRANGE", stream, start, stop, count, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RedisStreamEntry>> XRevRangeAsync(
        string stream, string start = "+", string stop = "-", long? count = null, CancellationToken cancellationToken = default) =>
        Range("XREVRANGE", stream, start, stop, count, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisReply> EvalAsync(
        string script, ReadOnlySpan<string> keys = default, ReadOnlySpan<RedisArgument> arguments = default, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(script);
        var all = new RedisArgument[2 + keys.Length + arguments.Length];
        all[0] = HashOf(script);
        all[1] = keys.Length;
        for (var i = 0; i < keys.Length; i++)
        {
            all[2 + i] = keys[i];
        }

        arguments.CopyTo(all.AsSpan(2 + keys.Length));
        return EvalAsync(script, all, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ScanAsync(string pattern = "*", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var master in _link.Masters)
        {
            var cursor = "0";
            do
            {
                var reply = await SendTo(master, "SCAN", [cursor, "MATCH", pattern, "COUNT", 500], cancellationToken);
                cursor = reply[0].AsString()!;
                foreach (var key in reply[1].AsStrings())
                {
                    if (seen.Add(key!))
                    {
                        yield return key!;
                    }
                }
            }
            while (cursor != "0");
        }
    }

    private ValueTask<RedisReply> SendTo(IServer server, string name, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        var written = ReplyReader.Write(name, arguments, default, isCluster: false, out var size);
        return _queue.Run(new TaskCall<RedisReply>(ExecuteAsync) { Size = size }, cancellationToken);

        async Task<RedisReply> ExecuteAsync() => ReplyReader.Read(await server.ExecuteAsync(_link.Database.Database, name, written));
    }

    private ValueTask<IReadOnlyList<RedisStreamEntry>> Range(
        string command, string stream, string start, string stop, long? count, CancellationToken cancellationToken) =>
        count is { } limit
            ? Send(command, [stream, start, stop, "COUNT", limit], default, static reply => (IReadOnlyList<RedisStreamEntry>)RedisStreamEntry.CreateAll(reply), cancellationToken)
            : Send(command, [stream, start, stop], default, static reply => (IReadOnlyList<RedisStreamEntry>)RedisStreamEntry.CreateAll(reply), cancellationToken);

    private ValueTask<RedisPublishedEntry> XAddAndPublish(
        string channel, string stream, ReadOnlySpan<RedisArgument> pairs, long? maxLength, CancellationToken cancellationToken)
    {
        StreamFields.Check(pairs);
        var all = new RedisArgument[5 + pairs.Length];
        all[0] = HashOf(AddAndPublish);
        all[1] = 1;
        all[2] = stream;
        all[3] = channel;
        all[4] = maxLength is { } limit ? limit : string.Empty;
        pairs.CopyTo(all.AsSpan(5));
        return AddAndPublishAsync(all, cancellationToken);
    }

    private async ValueTask<RedisPublishedEntry> AddAndPublishAsync(RedisArgument[] arguments, CancellationToken cancellationToken)
    {
        var reply = await EvalAsync(AddAndPublish, arguments, cancellationToken);
        return new RedisPublishedEntry(reply[0].AsString()!, reply[1].AsInt64());
    }

    private async ValueTask<RedisReply> EvalAsync(string script, RedisArgument[] arguments, CancellationToken cancellationToken)
    {
        // Both together take no longer than one command may.
        var deadline = _queue.Deadline;
        var reply = await Send("EVALSHA", arguments, default, static reply => reply, cancellationToken, tolerant: true, deadline);
        if (reply.IsError && reply.ErrorText.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // Redis has refused it, so sending it once more runs it once.
            arguments[0] = script;
            reply = await Send("EVAL", arguments, default, static reply => reply, cancellationToken, tolerant: true, deadline);
        }

        return reply.IsError ? throw new RedisErrorException(reply.ErrorText) : reply;
    }

    private string HashOf(string script)
    {
        if (_hashes.TryGetValue(script, out var hash))
        {
            return hash;
        }

#pragma warning disable CA5350 // Redis names scripts by SHA-1; nothing is secured by it.
        hash = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(script)));
#pragma warning restore CA5350
        if (_hashes.Count >= KeptHashes)
        {
            _hashes.Clear();
        }

        _hashes[script] = hash;
        return hash;
    }
}
