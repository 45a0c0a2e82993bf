using System.Text;
using StackExchange.Redis;

namespace Ducts.Redis.Commands;

/// <summary>Turns replies and arguments of the library into ours, and ours into the library's.</summary>
internal static class ReplyReader
{
    // The library's objects of a command, beside its arguments.
    private const int CommandSize = 512;

    public static RedisReply Read(RedisResult result)
    {
        if (result.IsNull)
        {
            return RedisReply.Null;
        }

        switch (result.Resp3Type)
        {
            case ResultType.Integer:
                return RedisReply.OfInteger((long)result);
            case ResultType.Double:
                return RedisReply.OfDouble(ReadDouble((string)result!));
            case ResultType.Boolean:
                return RedisReply.OfBoolean((bool)result);
            case ResultType.SimpleString:
                return RedisReply.OfText(RedisReplyKind.SimpleString, (string)result!);
            case ResultType.BigInteger:
                return RedisReply.OfText(RedisReplyKind.BigNumber, (string)result!);
            case ResultType.Error or ResultType.BlobError:
                return RedisReply.OfText(RedisReplyKind.Error, result.ToString());
            case ResultType.VerbatimString:
                return RedisReply.OfBytes(RedisReplyKind.VerbatimString, Encoding.UTF8.GetBytes(result.ToString(out _) ?? string.Empty));
            case ResultType.Array:
                return ReadItems(RedisReplyKind.Array, result);
            case ResultType.Map:
                return ReadItems(RedisReplyKind.Map, result);
            case ResultType.Set:
                return ReadItems(RedisReplyKind.Set, result);
            case ResultType.Push:
                return ReadItems(RedisReplyKind.Push, result);
            default:
                return RedisReply.OfBytes(RedisReplyKind.BulkString, (byte[])result!);
        }
    }

    /// <summary>Makes the library's arguments; the first key is marked as such where the node depends on it.</summary>
    public static object[] Write(string command, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second, bool isCluster, out int size)
    {
        if (first.Length + second.Length == 0)
        {
            size = CommandSize;
            return [];
        }

        size = CommandSize;
        var arguments = new object[first.Length + second.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = i < first.Length ? first[i].ToObject(ref size) : second[i - first.Length].ToObject(ref size);
        }

        // A key is always among the first arguments; those that come apart are values.
        var key = isCluster ? CommandKeys.FirstIn(command, first) : -1;
        if (key >= 0)
        {
            arguments[key] = ToKey(arguments[key]);
        }

        return arguments;
    }

    public static RedisKey ToKey(object argument) => argument switch
    {
        string text => text,
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        _ => FormattableString.Invariant($"{argument}"),
    };

    private static double ReadDouble(string text) =>
        RedisNumber.TryParseDouble(text, out var number) ? number : throw new FormatException($"Redis sent '{text}' as a number.");

    private static RedisReply ReadItems(RedisReplyKind kind, RedisResult result)
    {
        var items = new RedisReply[result.Length];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Read(result[i]);
        }

        return RedisReply.OfItems(kind, items);
    }
}
