using System.Globalization;
using StackExchange.Redis;

namespace Ducts.Redis.Tests;

/// <summary>Makes the library's results of RESP in ASCII.</summary>
internal static class Resp
{
    public static RedisResult Read(string text, ref int position)
    {
        var kind = text[position];
        var end = text.IndexOf("\r\n", position, StringComparison.Ordinal);
        var line = text[(position + 1)..end];
        position = end + 2;
        switch (kind)
        {
            case '_':
                return RedisResult.Create(RedisValue.Null, ResultType.Null);
            case '+':
                return RedisResult.Create(line, ResultType.SimpleString);
            case '-':
                return RedisResult.Create(line, ResultType.Error);
            case ':':
                return RedisResult.Create(line, ResultType.Integer);
            case ',':
                return RedisResult.Create(line, ResultType.Double);
            case '(':
                return RedisResult.Create(line, ResultType.BigInteger);
            case '#':
                return RedisResult.Create(line == "t" ? 1 : 0, ResultType.Boolean);
            case '$' or '=' or '!':
                var length = int.Parse(line, CultureInfo.InvariantCulture);
                if (length < 0)
                {
                    return RedisResult.Create(RedisValue.Null, ResultType.BulkString);
                }

                position += length + 2;
                return RedisResult.Create(
                    text.Substring(position - length - 2, length),
                    kind switch { '$' => ResultType.BulkString, '=' => ResultType.VerbatimString, _ => ResultType.BlobError });
            default:
                var count = int.Parse(line, CultureInfo.InvariantCulture) * (kind == '%' ? 2 : 1);
                var items = new RedisResult[Math.Max(0, count)];
                for (var i = 0; i < items.Length; i++)
                {
                    items[i] = Read(text, ref position);
                }

                return count < 0
                    ? RedisResult.Create(RedisValue.Null, ResultType.Null)
                    : RedisResult.Create(items, kind switch { '*' => ResultType.Array, '%' => ResultType.Map, '~' => ResultType.Set, _ => ResultType.Push });
        }
    }
}
