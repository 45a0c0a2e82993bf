namespace Ducts.Live.Hosting;

/// <summary>Waits for what a running server does by itself.</summary>
internal static class Until
{
    // Far beyond what any of it takes, so that only what never happens fails.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"Never came true: {what}");
            await Task.Delay(5);
        }
    }
}
