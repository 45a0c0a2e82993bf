using System.Collections.Frozen;

namespace Ducts.Redis.Commands;

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

    /// <summary>Subcommands of CLIENT that change what the connection is that they come over.</summary>
    private static readonly string[] ClientChanges = ["SETNAME", "SETINFO", "NO-EVICT", "NO-TOUCH", "CACHING", "CAPA", "IMPORT-SOURCE"];

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
        if (Bound.Contains(command) || IsBlockingRead(command, arguments) || IsLastingSubcommand(command, arguments))
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

        for (var i = 0; i < arguments.Length; i++)
        {
            // Behind STREAMS come keys, which may be called anything; and so may a group and its consumer.
            if (arguments[i].Is("STREAMS"))
            {
                return false;
            }

            if (arguments[i].Is("BLOCK"))
            {
                return true;
            }

            i += arguments[i].Is("GROUP") ? 2 : 0;
        }

        return false;
    }

    private static bool IsLastingSubcommand(string command, ReadOnlySpan<RedisArgument> arguments)
    {
        if (arguments.Length == 0 || command.Length != 6)
        {
            return false;
        }

        if (command.Equals("SCRIPT", StringComparison.OrdinalIgnoreCase))
        {
            return arguments[0].Is("DEBUG");
        }

        if (command.Equals("CLIENT", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var change in ClientChanges)
            {
                if (arguments[0].Is(change))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
