using System.Collections.Frozen;

namespace Ducts.Redis.Commands;

/// <summary>Finds the first key of a command, by which its node is chosen.</summary>
internal static class CommandKeys
{
    private enum Place
    {
        None,
        Second,
        AfterCountAtFirst,
        AfterCountAtSecond,
        AfterStreams,
        Third,
    }

    // What is not listed has its key first.
    private static readonly FrozenDictionary<string, Place> Places = Make(
        (Place.None,
            "PING ECHO INFO TIME DBSIZE FLUSHALL FLUSHDB KEYS SCAN CONFIG CLIENT CLUSTER COMMAND SCRIPT FUNCTION PUBLISH PUBSUB "
            + "LASTSAVE SAVE BGSAVE BGREWRITEAOF SHUTDOWN SLOWLOG LATENCY ACL MODULE ROLE RANDOMKEY WAIT WAITAOF SWAPDB "
            + "REPLICAOF SLAVEOF FAILOVER LOLWUT MONITOR MULTI EXEC DISCARD UNWATCH READONLY READWRITE ASKING SENTINEL"),
        (Place.Second, "OBJECT XINFO XGROUP MEMORY BITOP DEBUG"),
        (Place.AfterCountAtFirst, "ZUNION ZINTER ZDIFF SINTERCARD ZINTERCARD LMPOP ZMPOP"),
        (Place.AfterCountAtSecond, "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP"),
        (Place.AfterStreams, "XREAD XREADGROUP"),
        (Place.Third, "MIGRATE"));

    /// <summary>Returns the position of the first key among the arguments; -1 for a command without keys.</summary>
    public static int FirstIn(string command, ReadOnlySpan<RedisArgument> arguments)
    {
        var index = Places.TryGetValue(command, out var place) ? IndexOf(place, arguments) : 0;
        return index < arguments.Length ? index : -1;
    }

    private static int IndexOf(Place place, ReadOnlySpan<RedisArgument> arguments)
    {
        switch (place)
        {
            case Place.Second:
                return 1;
            case Place.Third:
                return 2;
            case Place.AfterCountAtFirst:
                return 1;
            case Place.AfterCountAtSecond:
                return arguments.Length > 1 && arguments[1].ToString() != "0" ? 2 : -1;
            case Place.AfterStreams:
                for (var i = 0; i < arguments.Length; i++)
                {
                    if (arguments[i].Is("STREAMS"))
                    {
                        return i + 1;
                    }

                    // A group and its consumer may be called anything.
                    i += arguments[i].Is("GROUP") ? 2 : 0;
                }

                return -1;
            default:
                return -1;
        }
    }

    private static FrozenDictionary<string, Place> Make(params ReadOnlySpan<(Place Place, string Commands)> groups)
    {
        var places = new Dictionary<string, Place>(StringComparer.OrdinalIgnoreCase);
        foreach (var (place, commands) in groups)
        {
            foreach (var command in commands.Split(' '))
            {
                places.Add(command, place);
            }
        }

        return places.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
