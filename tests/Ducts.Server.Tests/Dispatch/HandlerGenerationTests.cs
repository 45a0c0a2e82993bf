using Ducts.Dispatch;

namespace Ducts.Tests.Dispatch;

public class HandlerGenerationTests
{
    [Fact]
    public async Task It_ends_with_its_last_user_and_takes_no_other_afterwards()
    {
        var generation = new HandlerGeneration();
        Assert.True(generation.TryEnter());
        var ended = generation.Retire();
        Assert.False(ended.IsCompleted);
        Assert.True(generation.TryEnter());
        generation.Leave();
        Assert.False(ended.IsCompleted);
        generation.Leave();
        await ended;
        Assert.False(generation.TryEnter());
    }
}
