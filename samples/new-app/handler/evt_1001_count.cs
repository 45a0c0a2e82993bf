// A handler that yields answers with a stream. A page reads it with:
// for await (const n of duct.stream("COUNT", { upTo: 10 })) …
public sealed class Count : DuctsHandler
{
    public async IAsyncEnumerable<int> HandleAsync(
        int upTo = 10,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var n = 1; n <= upTo; n++)
        {
            await Task.Delay(200, cancellationToken);
            yield return n;
        }
    }
}
