// Counts for as long as somebody reads. Where it stands is known to this
// process only: with the node, the stream is gone.
public sealed class Count : DuctsHandler
{
    public async IAsyncEnumerable<int> HandleAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var n = 1; ; n++)
        {
            yield return n;
            await Task.Delay(250, cancellationToken);
        }
    }
}
