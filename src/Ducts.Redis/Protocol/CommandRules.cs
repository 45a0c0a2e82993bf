using System.Collections.Frozen;

namespace Ducts.Redis;

/// <summary>Which commands may not travel over a shared connection, and which not even over one's own.</summary>
internal static class CommandRules
{
    private static readonly FrozenSet<string> Bound = new[]
    {
        "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF",
        "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "MONITOR", "SELECT", "ASKING", "READONLY", "READWRITE",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Subscribing = new[]
    {
        "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Protocol = new[]
    {
        "HELLO", "AUTH", "RESET", "QUIT", "SYNC", "PSYNC", "REPLCONF",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Commands that change what a connection is, so that nobody else can use it afterwards.</summary>
    private static readonly FrozenSet<string> Lasting = new[]
    {
        "MONITOR", "SELECT", "ASKING", "READONLY", "READWRITE", "CLIENT", "SCRIPT",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses what would hold up or change the connection that all share.</summary>
    public static void ThrowIfBound(string command, ReadOnlySpan<RedisArgument> arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        ThrowIfUnusable(command, arguments);
        if (Bound.Contains(command) || IsBlockingRead(command, arguments))
        {
            throw new InvalidOperationException(
                $"{command} would hold up or change the connection that all callers share; run it on a connection of your own: OpenDedicatedAsync.");
        }
    }

    /// <summary>Refuses what would end the understanding between client and server on any connection.</summary>
    public static void ThrowIfUnusable(string command, ReadOnlySpan<RedisArgument> arguments)
    {
        if (Subscribing.Contains(command))
        {
            throw new InvalidOperationException($"{command} is not run as a command; use SubscribeAsync or PSubscribeAsync, or OpenDedicatedAsync for other blocking commands.");
        }

        if (Protocol.Contains(command)
            || (arguments.Length > 0 && command.Equals("CLIENT", StringComparison.OrdinalIgnoreCase)
                && (arguments[0].Is("REPLY") || arguments[0].Is("TRACKING"))))
        {
            throw new InvalidOperationException($"{command} belongs to the client's own talk with Redis; set it in the URI instead.");
        }
    }

    /// <summary>Whether a connection is another one after the command.</summary>
    public static bool IsLasting(string command) => Lasting.Contains(command);

    /// <summary>Whether keys are watched or commands queued after the command.</summary>
    public static bool IsTransactionOpenAfter(string command, bool isOpen) => command.Length switch
    {
        4 when command.Equals("EXEC", StringComparison.OrdinalIgnoreCase) => false,
        5 when command.Equals("MULTI", StringComparison.OrdinalIgnoreCase) => true,
        5 when command.Equals("WATCH", StringComparison.OrdinalIgnoreCase) => true,
        7 when command.Equals("DISCARD", StringComparison.OrdinalIgnoreCase) => false,
        _ => isOpen,
    };

    /// <summary>Whether a command may rightly take longer than the command timeout.</summary>
    public static bool MayBlock(string command, ReadOnlySpan<RedisArgument> arguments) =>
        (command.Length > 1 && (command[0] is 'B' or 'b' or 'W' or 'w') && Bound.Contains(command)) || IsBlockingRead(command, arguments);

    private static bool IsBlockingRead(string command, ReadOnlySpan<RedisArgument> arguments)
    {
        if (command.Length < 5 || command[0] is not ('X' or 'x')
            || (!command.Equals("XREAD", StringComparison.OrdinalIgnoreCase) && !command.Equals("XREADGROUP", StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        foreach (ref readonly var argument in arguments)
        {
            // Behind STREAMS come keys, which may be called anything.
            if (argument.Is("STREAMS"))
            {
                return false;
            }

            if (argument.Is("BLOCK"))
            {
                return true;
            }
        }

        return false;
    }
}
