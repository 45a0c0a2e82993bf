// 1, 2, 3 and so on, for as long as somebody reads; each stream has a name of its own.
public sealed class Numbers : DuctsHandler
{
    public async IAsyncEnumerable<object> HandleAsync(int pause, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var life = Guid.NewGuid().ToString("N");
        for (var number = 1; ; number++)
        {
            yield return new { life, number };
            if (number % 8 == 0)
                await Task.Delay(pause, cancellationToken);
        }
    }
}
