namespace Ducts.Redis;

/// <summary>
/// Commands to be run together: <c>new RedisBatch().Add("SET", "a", 1).Add("INCR", "b")</c>. Not safe for several
/// threads; may be run more than once.
/// </summary>
public sealed class RedisBatch
{
    private readonly List<(string Name, RedisArgument[] Arguments)> _commands = [];

    /// <summary>The number of commands.</summary>
    public int Count => _commands.Count;

    /// <summary>Adds a command.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments; bytes are copied when the batch is run.</param>
    /// <returns>This batch.</returns>
    /// <exception cref="ArgumentNullException">The name or an argument is null.</exception>
    /// <exception cref="InvalidOperationException">The command would hold up or change the shared connection.</exception>
    public RedisBatch Add(string command, params ReadOnlySpan<RedisArgument> arguments)
    {
        CommandRules.ThrowIfBound(command, arguments);
        _commands.Add((command, arguments.ToArray()));
        return this;
    }

    internal IReadOnlyList<(string Name, RedisArgument[] Arguments)> Commands => _commands;

    /// <summary>All commands, between MULTI and EXEC if asked for, encoded one behind the other.</summary>
    internal byte[] Encode(bool isTransaction)
    {
        var buffer = new byte[256];
        var position = isTransaction ? RespWriter.Append(ref buffer, 0, "MULTI", []) : 0;
        foreach (var (name, arguments) in _commands)
        {
            position = RespWriter.Append(ref buffer, position, name, arguments);
        }

        position = isTransaction ? RespWriter.Append(ref buffer, position, "EXEC", []) : position;
        return buffer[..position];
    }
}
