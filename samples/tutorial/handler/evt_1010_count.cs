// A handler that yields is a stream: each item is sent when it is there.
public sealed class Count : DuctsHandler
{
    public async IAsyncEnumerable<int> HandleAsync(
        int upTo = 20,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (upTo is < 1 or > 200)
            throw new ArgumentException("Choose a number from 1 to 200.");

        for (var n = 1; n <= upTo; n++)
        {
            // Cancelled when the page leaves its loop, or is closed.
            await Task.Delay(80, cancellationToken);
            yield return n;
        }
    }
}
