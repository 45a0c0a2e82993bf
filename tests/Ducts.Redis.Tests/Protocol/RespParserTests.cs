using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Ducts.Redis.Tests;

public sealed class RespParserTests
{
    [Fact]
    public void Every_reply_is_read_whole()
    {
        foreach (var (text, expected) in RespVectors.Valid)
        {
            var bytes = RespVectors.ToBytes(text);
            var position = 0;
            Assert.Equal(RespStatus.Complete, new RespParser().Read(bytes, ref position, out var value));
            Assert.Equal(expected, RespVectors.Describe(value));
            Assert.Equal(bytes.Length, position);
        }
    }

    [Fact]
    public void Every_reply_is_read_when_split_at_every_byte()
    {
        foreach (var (text, expected) in RespVectors.Valid)
        {
            var bytes = RespVectors.ToBytes(text);
            for (var cut = 0; cut < bytes.Length; cut++)
            {
                Assert.Equal([expected], ReadInPieces(bytes, [cut, bytes.Length - cut]));
            }
        }
    }

    [Fact]
    public void Replies_in_a_row_are_read_byte_by_byte()
    {
        var all = RespVectors.ToBytes(string.Concat(RespVectors.Valid.Select(static vector => vector.Bytes)));
        Assert.Equal(RespVectors.Valid.Select(static vector => vector.Expected), ReadInPieces(all, Enumerable.Repeat(1, all.Length)));
    }

    [Fact]
    public void Replies_in_a_row_are_read_in_pieces_of_any_size()
    {
        var all = RespVectors.ToBytes(string.Concat(RespVectors.Valid.Select(static vector => vector.Bytes)));
        var expected = RespVectors.Valid.Select(static vector => vector.Expected).ToArray();
        Prop.ForAll(
            ArbMap.Default.ArbFor<PositiveInt[]>(),
            sizes => ReadInPieces(all, [.. sizes.Select(static size => size.Get), all.Length]).SequenceEqual(expected)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_is_no_reply_is_invalid()
    {
        foreach (var text in RespVectors.Invalid)
        {
            var position = 0;
            Assert.True(RespStatus.Invalid == new RespParser().Read(RespVectors.ToBytes(text), ref position, out _), text.ReplaceLineEndings("|"));
        }
    }

    [Fact]
    public void A_reply_cut_short_is_incomplete_at_every_byte()
    {
        foreach (var (text, _) in RespVectors.Valid)
        {
            var bytes = RespVectors.ToBytes(text);
            for (var length = 0; length < bytes.Length; length++)
            {
                var position = 0;
                Assert.Equal(RespStatus.Incomplete, new RespParser().Read(bytes.AsSpan(0, length), ref position, out _));
            }
        }
    }

    [Fact]
    public void Any_bytes_give_a_status()
    {
        // Bytes that look like RESP find more than bytes at random.
        var letters = RespVectors.ToBytes("+-:$*_,#!=(%~>|;.?0123456789tf\r\n\r\n\r\na");
        var like = Gen.Elements(letters).ArrayOf();
        Prop.ForAll(like.ToArbitrary(), ReadsWithoutException).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ReadsWithoutException).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Changed_replies_give_a_status()
    {
        foreach (var (text, _) in RespVectors.Valid)
        {
            var bytes = RespVectors.ToBytes(text);
            for (var i = 0; i < bytes.Length; i++)
            {
                foreach (var letter in "09?\r\n*$-\0\xff"u8)
                {
                    var changed = bytes.ToArray();
                    changed[i] = letter;
                    ReadsWithoutException(changed);
                }
            }
        }
    }

    [Theory]
    [InlineData("$1073741824\r\n")]
    [InlineData("*2147483591\r\n")]
    [InlineData("%1073741795\r\n")]
    [InlineData("!1073741824\r\nab")]
    public void A_promised_length_takes_no_memory_before_the_bytes_come(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var position = 0;
        Assert.Equal(RespStatus.Incomplete, new RespParser().Read(RespVectors.ToBytes(text), ref position, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Fact]
    public void A_reply_beyond_the_limit_is_invalid()
    {
        var parser = new RespParser(replyLimit: 100);
        var input = RespVectors.ToBytes("*100\r\n" + string.Concat(Enumerable.Repeat(":1\r\n", 100)));
        var position = 0;
        Assert.Equal(RespStatus.Invalid, parser.Read(input, ref position, out _));
        Assert.InRange(position, 0, 110);
    }

    [Fact]
    public void A_line_or_a_depth_beyond_the_limit_is_invalid()
    {
        var position = 0;
        Assert.Equal(RespStatus.Invalid, new RespParser().Read(RespVectors.ToBytes("+" + new string('a', RespParser.MaxLine)), ref position, out _));
        position = 0;
        var deep = string.Concat(Enumerable.Repeat("*1\r\n", RespParser.MaxDepth + 1));
        Assert.Equal(RespStatus.Invalid, new RespParser().Read(RespVectors.ToBytes(deep), ref position, out _));
    }

    [Fact]
    public void A_large_string_is_read_in_pieces()
    {
        var content = new byte[5_000_000];
        Random.Shared.NextBytes(content);
        byte[] reply = [.. Encoding.ASCII.GetBytes($"${content.Length}\r\n"), .. content, (byte)'\r', (byte)'\n'];
        var parser = new RespParser();
        for (var start = 0; start < reply.Length; start += 65536)
        {
            var position = 0;
            var piece = reply.AsSpan(start, Math.Min(65536, reply.Length - start));
            var status = parser.Read(piece, ref position, out var value);
            if (status == RespStatus.Complete)
            {
                Assert.True(value.AsBytes().Span.SequenceEqual(content));
                return;
            }

            Assert.Equal(RespStatus.Incomplete, status);
        }

        Assert.Fail("The string was not read.");
    }

    private static bool ReadsWithoutException(byte[] bytes)
    {
        var parser = new RespParser();
        var position = 0;
        while (parser.Read(bytes, ref position, out _) == RespStatus.Complete)
        {
        }

        return position <= bytes.Length;
    }

    /// <summary>Feeds a parser as a connection does: what it leaves is offered again with the next piece.</summary>
    private static List<string> ReadInPieces(byte[] bytes, IEnumerable<int> sizes)
    {
        var parser = new RespParser();
        var read = new List<string>();
        byte[] left = [];
        var start = 0;
        foreach (var size in sizes)
        {
            var count = Math.Min(size, bytes.Length - start);
            left = [.. left, .. bytes.AsSpan(start, count)];
            start += count;
            var position = 0;
            RespStatus status;
            while ((status = parser.Read(left, ref position, out var value)) == RespStatus.Complete)
            {
                read.Add(RespVectors.Describe(value));
            }

            Assert.Equal(RespStatus.Incomplete, status);
            left = left[position..];
        }

        return read;
    }
}
