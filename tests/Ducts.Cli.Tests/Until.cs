namespace Ducts.Cli;

/// <summary>Waits for what happens in other processes.</summary>
internal static class Until
{
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"Never came true: {what}");
            await Task.Delay(10);
        }
    }
}
