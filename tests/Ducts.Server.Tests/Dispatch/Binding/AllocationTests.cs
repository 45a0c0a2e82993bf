using Ducts.Dispatch.Binding;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>What a call allocates, beyond what the handler itself gets and makes.</summary>
public class AllocationTests
{
    private const int Rounds = 1000;

    public sealed record Six(int Id, string Name, double Price, bool Sold, long Stock, string Note);

    [Theory]
    [InlineData("'0123456789abcdef'")]
    [InlineData("['0123456789abcdef']")]
    [InlineData("{'text':'0123456789abcdef'}")]
    public void An_echo_of_a_string_allocates_the_string_only(string data)
    {
        // Header, length, 16 characters and a terminating zero, rounded up to eight bytes.
        const int StringSize = 56;

        Assert.Equal(StringSize, PerCall((string text) => text, Calls.Pack(data)));
    }

    [Fact]
    public void Numbers_allocate_nothing() =>
        Assert.Equal(0, PerCall((int a, long b, double c, bool d, int e) => a + b + c, Calls.Pack("[1,2,3.5,true,5]")));

    [Fact]
    public void A_task_that_has_ended_allocates_nothing() =>
        Assert.Equal(0, PerCall((int a) => new ValueTask<int>(a), Calls.Pack("1")));

    [Fact]
    public void A_record_of_six_fields_allocates_itself_and_its_strings_only()
    {
        // The record: header 16, two references 16, long and double 16, int and bool 8. Its strings of 3 letters: 32 each.
        const int RecordSize = 56 + 32 + 32;

        var data = Calls.Pack("{'id':1,'name':'Ann','price':2.5,'sold':true,'stock':5,'note':'new'}");

        Assert.Equal(RecordSize, PerCall((Six six) => six, data));
    }

    private static long PerCall(Delegate handler, byte[] data)
    {
        var invoker = handler.Invoker();
        var target = new FakeTarget();
        Run(invoker, data, target);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(invoker, data, target);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(2 * Rounds, target.Outcomes);
        Assert.NotEqual(0, target.Packed.Length);
        return allocated / Rounds;
    }

    private static void Run(HandlerInvoker invoker, byte[] data, IInvocationTarget target)
    {
        for (var i = 0; i < Rounds; i++)
        {
            var invocation = new Invocation(data, target);
            invoker.Invoke(ref invocation);
        }
    }
}
