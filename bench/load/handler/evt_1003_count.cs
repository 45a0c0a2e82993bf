public class Count : DuctsHandler
{
    public IEnumerable<int> Handle(int count)
    {
        for (var i = 0; i < count; i++)
            yield return i;
    }
}
