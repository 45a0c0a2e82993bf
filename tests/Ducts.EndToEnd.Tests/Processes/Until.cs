namespace Ducts.EndToEnd.Processes;

/// <summary>Waits for what happens in other processes. The patience is generous: only a hang reaches its end.</summary>
internal static class Until
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(120);

    public static async Task TrueAsync(Func<bool> condition, Func<string> what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"Never came true: {what()}");
            await Task.Delay(10);
        }
    }
}
