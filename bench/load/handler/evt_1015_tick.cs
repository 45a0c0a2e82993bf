// 1, 2, 3 and so on, for as long as somebody reads; one every so many milliseconds.
public class Tick : DuctsHandler
{
    public async IAsyncEnumerable<int> Handle(int milliseconds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 1; ; i++)
        {
            yield return i;
            await Task.Delay(milliseconds, cancellationToken);
        }
    }
}
