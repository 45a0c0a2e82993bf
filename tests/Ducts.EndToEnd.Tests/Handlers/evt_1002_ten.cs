public sealed class Ten : DuctsHandler
{
    public async IAsyncEnumerable<int> HandleAsync()
    {
        for (var n = 1; n <= 10; n++)
        {
            await Task.Yield();
            yield return n;
        }
    }
}
