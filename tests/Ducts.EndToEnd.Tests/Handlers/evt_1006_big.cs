public sealed class Big : DuctsHandler
{
    public byte[] Handle(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(i * 31 + (i >> 16));
        return bytes;
    }
}
