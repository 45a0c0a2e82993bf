using System.Buffers;

namespace Ducts.MessagePack.Tests;

public sealed class VectorTests
{
    [Theory]
    [MemberData(nameof(Vectors.ValidNames), MemberType = typeof(Vectors))]
    public void A_vector_is_read_as_what_it_means(string name)
    {
        var vector = Vectors.Valid(name);
        var bytes = Vectors.Bytes(vector);
        var reader = new PackReader(bytes);

        Assert.Equal(Vectors.Describe(vector.GetProperty("value")), Vectors.Describe(ref reader));
        Assert.True(reader.IsEnd);
        Assert.Equal(bytes.Length, reader.Position);
    }

    [Theory]
    [MemberData(nameof(Vectors.ValidNames), MemberType = typeof(Vectors))]
    public void A_vector_passes_the_check_and_is_skipped_whole_also_with_bytes_behind_it(string name)
    {
        var bytes = Vectors.Bytes(Vectors.Valid(name));
        byte[] longer = [.. bytes, 0xc1];

        Assert.Equal(MessagePackStatus.Ok, MessagePackValidator.Validate(bytes, MessagePackLimits.Default, out var consumed));
        Assert.Equal(bytes.Length, consumed);
        Assert.Equal(MessagePackStatus.Ok, MessagePackValidator.Validate(longer, MessagePackLimits.Default, out consumed));
        Assert.Equal(bytes.Length, consumed);
        Assert.Equal(MessagePackStatus.TrailingBytes, MessagePackElement.TryParse(longer, out _));

        var reader = new PackReader(longer);
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadRaw(out var raw, maxDepth: 64));
        Assert.True(raw.SequenceEqual(bytes));
        Assert.Equal(bytes.Length, reader.Position);
    }

    [Theory]
    [MemberData(nameof(Vectors.ValidNames), MemberType = typeof(Vectors))]
    public void A_vector_cut_anywhere_is_the_end_of_the_data(string name)
    {
        var bytes = Vectors.Bytes(Vectors.Valid(name));

        // Long ones are cut at their first and last bytes only: between, nothing but the payload lies.
        for (var length = 0; length < bytes.Length; length += length == 300 && bytes.Length > 1000 ? bytes.Length - 600 : 1)
        {
            var cut = bytes.AsSpan(0, length);
            Assert.Equal(MessagePackStatus.EndOfData, MessagePackValidator.Validate(cut, MessagePackLimits.Default, out var consumed));
            Assert.Equal(0, consumed);
            var reader = new PackReader(cut);
            Assert.Equal(MessagePackStatus.EndOfData, reader.TrySkip(maxDepth: 64));
            Assert.Equal(0, reader.Position);
            Assert.True(Attempts.AllKeepThePositionUnlessOk(cut));
        }
    }

    [Theory]
    [MemberData(nameof(Vectors.ValidNames), MemberType = typeof(Vectors))]
    public void A_canonical_vector_is_what_writing_its_value_gives(string name)
    {
        var vector = Vectors.Valid(name);
        if (!vector.GetProperty("canonical").GetBoolean())
            return;

        foreach (var output in new IBufferWriter<byte>[] { new ArrayBufferWriter<byte>(), new SmallPieces() })
        {
            var writer = new PackWriter(output);
            Vectors.Write(ref writer, vector.GetProperty("value"));
            writer.Flush();
            var written = output is SmallPieces pieces ? pieces.ToArray() : ((ArrayBufferWriter<byte>)output).WrittenSpan.ToArray();
            Assert.Equal(Vectors.Bytes(vector), written);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(300)]
    [InlineData(70_000)]
    public void Text_that_begins_where_the_outputs_memory_ends_is_written_whole(int length)
    {
        var text = new string('x', length);
        foreach (var output in new IBufferWriter<byte>[] { new ArrayBufferWriter<byte>(), new SmallPieces() })
        {
            var writer = new PackWriter(output);
            writer.WriteArrayHeader(3);
            writer.WriteString(text);
            writer.WriteStringUtf8(System.Text.Encoding.UTF8.GetBytes(text));
            writer.WriteString(text);
            writer.Flush();
            var written = output is SmallPieces pieces ? pieces.ToArray() : ((ArrayBufferWriter<byte>)output).WrittenSpan.ToArray();

            Assert.True(PackSerializer.TryDeserialize<string[]>(written, out var back, out var error), error?.ToString());
            Assert.Equal([text, text, text], back!);
        }
    }

    [Theory]
    [MemberData(nameof(Vectors.InvalidNames), MemberType = typeof(Vectors))]
    public void An_invalid_vector_gives_its_status(string name)
    {
        var vector = Vectors.Invalid(name);
        var bytes = Vectors.Bytes(vector);

        Assert.Equal(vector.GetProperty("status").GetString(), MessagePackElement.TryParse(bytes, out var element).ToString());
        Assert.True(element.IsNil);
        Assert.True(Attempts.AllKeepThePositionUnlessOk(bytes));
    }
}
