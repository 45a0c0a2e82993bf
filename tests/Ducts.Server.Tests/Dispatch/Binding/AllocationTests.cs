using System.Buffers;
using System.Security.Claims;
using System.Threading.Channels;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Binding.Results;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>What a call allocates, beyond what the handler itself gets and makes.</summary>
public class AllocationTests
{
    private const int Calls = 1000;

    public sealed record Six(int Id, string Name, double Price, bool Sold, long Stock, string Note);

    [Theory]
    [InlineData("'0123456789abcdef'")]
    [InlineData("['0123456789abcdef']")]
    [InlineData("{'text':'0123456789abcdef'}")]
    public void An_echo_of_a_string_allocates_the_string_only(string data)
    {
        // Header, length, 16 characters and a terminating zero, rounded up to eight bytes.
        const int StringSize = 56;

        Assert.Equal(StringSize, PerCall((string text) => text, Binding.Calls.Pack(data)));
    }

    [Fact]
    public void Numbers_allocate_nothing() =>
        Assert.Equal(0, PerCall((int a, long b, double c, bool d, int e) => a + b + c, Binding.Calls.Pack("[1,2,3.5,true,5]")));

    [Fact]
    public void A_task_that_has_ended_allocates_nothing() =>
        Assert.Equal(0, PerCall((int a) => new ValueTask<int>(a), Binding.Calls.Pack("1")));

    [Fact]
    public void A_record_of_six_fields_allocates_itself_and_its_strings_only()
    {
        // The record: header 16, two references 16, long and double 16, int and bool 8. Its strings of 3 letters: 32 each.
        const int RecordSize = 56 + 32 + 32;

        var data = Binding.Calls.Pack("{'id':1,'name':'Ann','price':2.5,'sold':true,'stock':5,'note':'new'}");

        Assert.Equal(RecordSize, PerCall((Six six) => six, data));
    }

    private static long PerCall(Delegate handler, byte[] data)
    {
        var invoker = handler.Invoker();
        var target = new CountingTarget();
        Run(invoker, data, target);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(invoker, data, target);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(2 * Calls, target.Replies);
        return allocated / Calls;
    }

    private static void Run(HandlerInvoker invoker, byte[] data, IInvocationTarget target)
    {
        for (var i = 0; i < Calls; i++)
        {
            var invocation = new Invocation(data, target);
            invoker.Invoke(ref invocation);
        }
    }

    /// <summary>Packs replies into a buffer it keeps.</summary>
    private sealed class CountingTarget : IInvocationTarget
    {
        private readonly ArrayBufferWriter<byte> _packed = new(4096);

        public int Replies { get; private set; }

        public IRedisClient Redis => throw new NotSupportedException();

        public ClaimsPrincipal User => throw new NotSupportedException();

        public IServiceProvider Services => throw new NotSupportedException();

        public DuctsEvent GetEvent() => throw new NotSupportedException();

        public IEventSession GetSession() => throw new NotSupportedException();

        public CancellationToken GetCancellationToken() => throw new NotSupportedException();

        public void Reply<T>(T value, MessagePackConverter<T> converter)
        {
            _packed.ResetWrittenCount();
            var writer = new MessagePackWriter(_packed);
            converter.Write(ref writer, value);
            writer.Flush();
            Replies++;
        }

        public void ReplyNull() => Replies++;

        public void ReplyWhenDone(Task task) => throw new NotSupportedException();

        public void ReplyWhenDone<T>(ValueTask<T> task, MessagePackConverter<T> converter) => throw new NotSupportedException();

        public void ReplyWhenDone<T>(ValueTask<T> task, ResultWriter<T> result) => throw new NotSupportedException();

        public void ReplyStream<T>(IAsyncEnumerable<T> items, MessagePackConverter<T> converter) => throw new NotSupportedException();

        public void ReplyStream<T>(IEnumerable<T> items, MessagePackConverter<T> converter) => throw new NotSupportedException();

        public void ReplyStream<T>(ChannelReader<T> items, MessagePackConverter<T> converter) => throw new NotSupportedException();

        public void ReplyBytes(Stream bytes) => throw new NotSupportedException();

        public void Fail(string name, string message) => Assert.Fail($"{name}: {message}");
    }
}
