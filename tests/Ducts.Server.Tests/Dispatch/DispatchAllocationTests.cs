namespace Ducts.Tests.Dispatch;

/// <summary>What a request allocates on its whole way through the server.</summary>
public class DispatchAllocationTests
{
    private const int Rounds = 1000;
    private const string Text = "0123456789abcdef";

    [Fact]
    public void An_echo_of_a_string_allocates_at_most_250_bytes() =>
        Assert.InRange(PerRequest((string text) => text, DispatchHarness.Pack(Text)), 1, 250);

    [Fact]
    public void A_task_that_has_ended_allocates_no_more_than_a_value()
    {
        var value = PerRequest((string text) => text, DispatchHarness.Pack(Text));

        Assert.Equal(value, PerRequest((string text) => new ValueTask<string>(text), DispatchHarness.Pack(Text)));
    }

    private static long PerRequest(Delegate handler, byte[] message)
    {
        using var harness = new DispatchHarness(handler);
        // The frame's head, the array's, two ids, and the text as it came.
        var answer = 2 + message.Length;
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;

        void Run()
        {
            for (var i = 0; i < Rounds; i++)
                Assert.Equal(answer, harness.Dispatch(message));
        }
    }
}
