public class Blob : DuctsHandler
{
    private static readonly byte[] Bytes = new byte[10 * 1024 * 1024];

    public byte[] Handle() => Bytes;
}
