using System.Buffers;
using BenchmarkDotNet.Attributes;
using Ducts.MessagePack;

namespace Ducts.Benchmarks;

/// <summary>Values to bytes and back.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly byte[] _item = PackSerializer.Serialize(Item.Sample);
    private readonly byte[] _text = PackSerializer.Serialize("0123456789abcdef");

    [Benchmark]
    public int WriteRecord() => Write(Item.Sample);

    [Benchmark]
    public Item? ReadRecord() => Read<Item>(_item);

    [Benchmark]
    public int WriteString() => Write("0123456789abcdef");

    [Benchmark]
    public string? ReadString() => Read<string>(_text);

    [Benchmark]
    public int ValidateRecord()
    {
        MessagePackValidator.Validate(_item, new MessagePackLimits(64, 1024, 8 * 1024 * 1024), out var length);
        return length;
    }

    private int Write<T>(T value)
    {
        _output.ResetWrittenCount();
        PackSerializer.Serialize(_output, value);
        return _output.WrittenCount;
    }

    private static T? Read<T>(byte[] bytes) =>
        PackSerializer.TryDeserialize<T>(bytes, out var value, out _) ? value : throw new InvalidOperationException("unreadable");
}
