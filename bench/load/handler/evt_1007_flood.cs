public class Flood : DuctsHandler
{
    private static readonly byte[] Item = new byte[64 * 1024];

    public IEnumerable<byte[]> Handle(int items)
    {
        for (var i = 0; i < items; i++)
            yield return Item;
    }
}
