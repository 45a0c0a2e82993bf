using Ducts.Redis.Commands;

namespace Ducts.Redis;

/// <summary>
/// Commands to be run together: <c>new RedisBatch().Add("SET", "a", 1).Add("INCR", "b")</c>. Not safe for several
/// threads; may be run more than once.
/// </summary>
public sealed class RedisBatch
{
    private readonly List<(string Name, RedisArgument[] Arguments)> _commands = [];
    private int _size;

    /// <summary>The number of commands.</summary>
    public int Count => _commands.Count;

    /// <summary>Adds a command.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments; bytes must stay as they are until the batch has run.</param>
    /// <returns>This batch.</returns>
    /// <exception cref="ArgumentNullException">The name or an argument is null.</exception>
    /// <exception cref="InvalidOperationException">The command would hold up or change the shared connection.</exception>
    public RedisBatch Add(string command, params ReadOnlySpan<RedisArgument> arguments)
    {
        CommandRules.ThrowIfBound(command, arguments);
        _ = ReplyReader.Write(command, arguments, default, isCluster: false, out var size);
        _size += size;
        _commands.Add((command, arguments.ToArray()));
        return this;
    }

    internal IReadOnlyList<(string Name, RedisArgument[] Arguments)> Commands => _commands;

    /// <summary>Gets about how many bytes of memory the commands hold on their way.</summary>
    internal int Size => _size;
}
