namespace Ducts.Tests.Dispatch;

/// <summary>What a request allocates on its whole way through the server.</summary>
[Collection(Ducts.Tests.Support.Alone.Name)]
public class DispatchAllocationTests
{
    private const int Rounds = 1000;
    private const string Text = "0123456789abcdef";

    [Fact]
    public async Task An_echo_of_a_string_allocates_at_most_250_bytes() =>
        Assert.InRange(await PerRequestAsync((string text) => text), 1, 250);

    [Fact]
    public async Task A_task_that_has_ended_allocates_no_more_than_a_value()
    {
        var value = await PerRequestAsync((string text) => text);

        Assert.Equal(value, await PerRequestAsync((string text) => new ValueTask<string>(text)));
    }

    private static async Task<long> PerRequestAsync(Delegate handler)
    {
        var message = DispatchHarness.Pack(Text);
        await using var harness = new DispatchHarness(handler);
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sent = Run();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // The answer is as long as the request, and the head of its frame takes two bytes.
        Assert.Equal(Rounds * (2 + message.Length), sent);
        return allocated / Rounds;

        int Run()
        {
            var bytes = 0;
            for (var i = 0; i < Rounds; i++)
                bytes += harness.Dispatch(message);
            return bytes;
        }
    }
}
