using System.Text;
using BenchmarkDotNet.Attributes;
using Ducts.Redis;

namespace Ducts.Benchmarks;

/// <summary>Redis' protocol.</summary>
[MemoryDiagnoser]
public class RespBenchmarks
{
    private readonly RespParser _parser = new();
    private readonly byte[] _text = "$16\r\n0123456789abcdef\r\n"u8.ToArray();
    private readonly byte[] _map = Encoding.ASCII.GetBytes("%3\r\n" + string.Concat(Enumerable.Range(0, 3).Select(static i => $"$5\r\nname{i}\r\n:{i}\r\n")));
    private readonly RedisArgument[] _arguments = ["key", "0123456789abcdef"];

    [Benchmark]
    public RedisValue ReadString() => Read(_text);

    [Benchmark]
    public RedisValue ReadMap() => Read(_map);

    [Benchmark]
    public int WriteCommand() => RespWriter.Encode("SET", _arguments).Length;

    private RedisValue Read(byte[] reply)
    {
        var position = 0;
        return _parser.Read(reply, ref position, out var value) == RespStatus.Complete
            ? value
            : throw new InvalidOperationException("unreadable");
    }
}
