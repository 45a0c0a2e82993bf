namespace Ducts.Redis;

/// <summary>Reads the replies of MULTI, the queued commands, and EXEC.</summary>
internal static class TransactionReply
{
    /// <returns>The replies of the commands.</returns>
    /// <exception cref="RedisException">Nothing was carried out.</exception>
    public static IReadOnlyList<RedisValue> Read(RedisValue reply)
    {
        var items = reply.Items.Span;
        var executed = items[^1];
        if (executed.Kind == RedisValueKind.Array)
        {
            return executed.Items.ToArray();
        }

        // The first refusal says more than EXEC's EXECABORT.
        foreach (ref readonly var item in items)
        {
            if (item.IsError)
            {
                throw new RedisException(item.ErrorText);
            }
        }

        throw new RedisException("EXECABORT A watched key changed; nothing was carried out.");
    }
}
