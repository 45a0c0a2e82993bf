using System.Text;

namespace Ducts.Redis.Tests;

/// <summary>Replies as bytes, and what they read as (in the notation of RedisValue.ToString, with the kind).</summary>
internal static class RespVectors
{
    public static readonly (string Bytes, string Expected)[] Valid =
    [
        ("+OK\r\n", "SimpleString OK"),
        ("+\r\n", "SimpleString "),
        ("-ERR unknown\r\n", "Error (error) ERR unknown"),
        (":0\r\n", "Integer 0"),
        (":15\r\n", "Integer 15"),
        (":16\r\n", "Integer 16"),
        (":-1\r\n", "Integer -1"),
        (":+7\r\n", "Integer 7"),
        (":9223372036854775807\r\n", "Integer 9223372036854775807"),
        (":-9223372036854775808\r\n", "Integer -9223372036854775808"),
        ("$5\r\nhello\r\n", "BulkString hello"),
        ("$0\r\n\r\n", "BulkString "),
        ("$4\r\n\r\n\r\n\r\n", "BulkString \r\n\r\n"),
        ("$-1\r\n", "Null (nil)"),
        ("*-1\r\n", "Null (nil)"),
        ("_\r\n", "Null (nil)"),
        ("*0\r\n", "Array []"),
        ("*3\r\n:1\r\n$1\r\na\r\n*2\r\n+x\r\n$-1\r\n", "Array [1, a, [x, (nil)]]"),
        ("*2\r\n-ERR a\r\n:1\r\n", "Array [(error) ERR a, 1]"),
        (",1.5\r\n", "Double 1.5"),
        (",10\r\n", "Double 10"),
        (",1e3\r\n", "Double 1000"),
        (",inf\r\n", "Double Infinity"),
        (",-inf\r\n", "Double -Infinity"),
        (",nan\r\n", "Double NaN"),
        ("#t\r\n", "Boolean 1"),
        ("#f\r\n", "Boolean 0"),
        ("(3492890328409238509324850943850943825024385\r\n", "BigNumber 3492890328409238509324850943850943825024385"),
        ("!10\r\nSYNTAX bad\r\n", "Error (error) SYNTAX bad"),
        ("=8\r\ntxt:some\r\n", "VerbatimString some"),
        ("%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", "Map [a, 1, b, [2]]"),
        ("%0\r\n", "Map []"),
        ("~2\r\n:1\r\n:2\r\n", "Set [1, 2]"),
        (">3\r\n+message\r\n$1\r\nc\r\n$1\r\np\r\n", "Push [message, c, p]"),
        ("|1\r\n+ttl\r\n:3600\r\n:5\r\n", "Integer 5"),
        ("*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n", "Array [1, 2]"),
        ("*1\r\n|0\r\n:2\r\n", "Array [2]"),
        ("$?\r\n;4\r\nHell\r\n;6\r\no worl\r\n;1\r\nd\r\n;0\r\n", "BulkString Hello world"),
        ("*?\r\n:1\r\n$1\r\na\r\n.\r\n", "Array [1, a]"),
        ("%?\r\n+a\r\n:1\r\n.\r\n", "Map [a, 1]"),
        ("~?\r\n.\r\n", "Set []"),
        ("*2\r\n*?\r\n:1\r\n.\r\n:2\r\n", "Array [[1], 2]"),
        ("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "Array [[[[[[1]]]]]]"),
    ];

    public static readonly string[] Invalid =
    [
        "x\r\n", "\r\n", "\n", "+a\n", ":\r\n", ":a\r\n", ":1x\r\n", ":9223372036854775808\r\n", ":-9223372036854775809\r\n",
        ":99999999999999999999\r\n", "$a\r\n", "$-2\r\n", "$2\r\nabcd", "$9999999999\r\n", "*a\r\n", "*-2\r\n", "*99999999999\r\n",
        "%-1\r\n", "%1073741824\r\n", ",x\r\n", ",\r\n", "#x\r\n", "#\r\n", "#tt\r\n", "(\r\n", "(1a\r\n", "_x\r\n", "=2\r\ntx\r\n",
        "=-1\r\n", "!-1\r\n", ".\r\n", ";1\r\n", "$?\r\n:1\r\n", "$?\r\n;-1\r\n", "%?\r\n:1\r\n.\r\n", "*1\r\n.\r\n", ">?\r\n", "|?\r\n",
        "*1\r\n>1\r\n:1\r\n", ".x\r\n",
    ];

    public static byte[] ToBytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Describe(RedisValue value) => $"{value.Kind} {value}";
}
