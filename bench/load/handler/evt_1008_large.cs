public class Large : DuctsHandler
{
    private static readonly byte[] Bytes = new byte[100_000_000];

    public byte[] Handle() => Bytes;
}
