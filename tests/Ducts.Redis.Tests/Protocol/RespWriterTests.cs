using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Ducts.Redis.Tests;

public sealed class RespWriterTests
{
    [Fact]
    public void A_command_is_an_array_of_bulk_strings() =>
        Assert.Equal(
            "*7\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n-5\r\n$3\r\n1.5\r\n$1\r\n1\r\n$2\r\n\u00e9\r\n$2\r\nab\r\n",
            Encoding.UTF8.GetString(RespWriter.Encode("SET", ["k", -5, 1.5, true, "\u00e9", "ab"u8.ToArray()])));

    [Fact]
    public void Texts_and_bytes_of_any_content_and_length_read_back()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<(string?, byte[]?, long, bool)>(),
            item =>
            {
                var (text, bytes, number, truth) = (item.Item1 ?? string.Empty, item.Item2 ?? [], item.Item3, item.Item4);

                // A lone surrogate has no UTF-8.
                text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
                var value = ReadBack("CMD", [text, bytes, number, truth]);
                return value[1].AsString() == text
                    && value[2].AsBytes().Span.SequenceEqual(bytes)
                    && value[3].AsInt64() == number
                    && value[4].AsBoolean() == truth;
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(70000)]
    public void Texts_of_every_header_length_read_back(int length)
    {
        foreach (var letter in new[] { "a", "\u00e9", "\u20ac" })
        {
            var text = string.Concat(Enumerable.Repeat(letter, length));
            Assert.Equal(text, ReadBack("CMD", [text])[1].AsString());
        }
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1E+300")]
    public void Doubles_are_written_as_Redis_reads_them(double number, string expected) =>
        Assert.Equal(expected, ReadBack("CMD", [number])[1].AsString());

    [Fact]
    public void Values_known_at_run_time_become_arguments()
    {
        object[] values = ["text", 'c', 1, 2L, 3U, 4UL, (short)5, (ushort)6, (byte)7, (sbyte)-8, 1.5, 2.5f, 3.5m, true, false, "b"u8.ToArray(), (ReadOnlyMemory<byte>)"m"u8.ToArray(), new ArraySegment<byte>("xyz"u8.ToArray(), 1, 1)];
        var written = ReadBack("CMD", [.. values.Select(RedisArgument.From)]).AsStrings()[1..];
        Assert.Equal<IEnumerable<string?>>(["text", "c", "1", "2", "3", "4", "5", "6", "7", "-8", "1.5", "2.5", "3.5", "1", "0", "b", "m", "y"], written);
    }

    [Fact]
    public void Null_is_refused_and_so_is_what_has_no_text()
    {
        Assert.Throws<ArgumentNullException>(() => RedisArgument.From(null));
        Assert.Throws<ArgumentNullException>(() => (RedisArgument)(string)null!);
        Assert.Throws<ArgumentNullException>(() => (RedisArgument)(byte[])null!);
        Assert.Throws<ArgumentNullException>(() => RespWriter.Encode("CMD", [default]).Length);
        Assert.Throws<ArgumentException>(() => RedisArgument.From(new object()));
        Assert.Throws<ArgumentException>(() => RedisArgument.From(DateTimeOffset.UnixEpoch.ToString(CultureInfo.InvariantCulture).Split(' ')));
    }

    private static RedisValue ReadBack(string command, ReadOnlySpan<RedisArgument> arguments)
    {
        var position = 0;
        var bytes = RespWriter.Encode(command, arguments).ToArray();
        Assert.Equal(RespStatus.Complete, new RespParser().Read(bytes, ref position, out var value));
        Assert.Equal(bytes.Length, position);
        return value;
    }
}
