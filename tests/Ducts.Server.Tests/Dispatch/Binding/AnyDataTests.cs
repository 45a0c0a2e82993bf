using System.Buffers;
using Ducts.Dispatch.Binding;
using Ducts.MessagePack;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>Whatever a request brings, a handler is called or the caller is told, once, and nothing is thrown.</summary>
public class AnyDataTests
{
    private const int Rounds = 4000;

    private static readonly string[] Names =
        ["name", "Name", "first_name", "firstName", "age", "values", "args", "order", "item_no", "label", "box", "x", "value", "@id", "size", "extra", ""];

    public static TheoryData<string> Handlers => [.. ArgumentBindingTests.Handlers.Keys, .. ValueBindingTests.Handlers.Keys];

    [Theory]
    [MemberData(nameof(Handlers))]
    public void Any_data_has_exactly_one_outcome(string handler)
    {
        var invoker = (ArgumentBindingTests.Handlers.GetValueOrDefault(handler) ?? ValueBindingTests.Handlers[handler]).Invoker();
        for (var seed = 0; seed < Rounds; seed++)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new PackWriter(output);
            Write(ref writer, new Random(seed), depth: 3);
            writer.Flush();
            var target = new FakeTarget();
            try
            {
                var invocation = new Invocation(output.WrittenSpan, target);
                invoker.Invoke(ref invocation);
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, {Convert.ToHexString(output.WrittenSpan)}: {exception}");
            }

            Assert.True(target.Outcomes == 1, $"seed {seed}, {Convert.ToHexString(output.WrittenSpan)}: {target.Outcomes} outcomes");
        }
    }

    private static void Write(ref PackWriter writer, Random random, int depth)
    {
        switch (random.Next(depth > 0 ? 12 : 9))
        {
            case 0:
                writer.WriteNil();
                break;
            case 1:
                writer.WriteRaw([0xd4, 0x00, (byte)random.Next(4)]);
                break;
            case 2:
                writer.WriteBoolean(random.Next(2) == 0);
                break;
            case 3:
                writer.WriteInt64(random.NextInt64() >> random.Next(64));
                break;
            case 4:
                writer.WriteUInt64((ulong)random.NextInt64() << 1 | 1);
                break;
            case 5:
                writer.WriteDouble(random.Next(3) switch { 0 => double.NaN, 1 => random.Next(300), _ => random.NextDouble() * 1e300 });
                break;
            case 6:
                writer.WriteString(random.Next(6) switch { 0 => "2022-02-30", 1 => "Monday", 2 => "x-large", 3 => "12", 4 => "", _ => "語🦆" });
                break;
            case 7:
                writer.WriteBinary(new byte[random.Next(4)]);
                break;
            case 8:
                writer.WriteRaw([0xd6, 0xff, 0, 0, 0, (byte)random.Next(256)]);
                break;
            case 9:
                var length = random.Next(10);
                writer.WriteArrayHeader(length);
                for (var i = 0; i < length; i++)
                    Write(ref writer, random, depth - 1);
                break;
            default:
                var pairs = random.Next(4);
                writer.WriteMapHeader(pairs);
                for (var i = 0; i < pairs; i++)
                {
                    if (random.Next(20) == 0)
                        Write(ref writer, random, depth - 1);
                    else
                        writer.WriteString(Names[random.Next(Names.Length)]);
                    Write(ref writer, random, depth - 1);
                }

                break;
        }
    }
}
