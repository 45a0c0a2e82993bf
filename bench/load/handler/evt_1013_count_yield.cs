public class CountYield : DuctsHandler
{
    public async IAsyncEnumerable<int> Handle(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }
}
