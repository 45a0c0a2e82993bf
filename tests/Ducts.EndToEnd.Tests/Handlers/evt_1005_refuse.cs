public sealed class Refuse : DuctsHandler
{
    public async IAsyncEnumerable<int> HandleAsync(int upTo)
    {
        await Task.Yield();
        if (upTo < 0)
            throw new ArgumentException("upTo is negative");
        yield return upTo;
    }
}
