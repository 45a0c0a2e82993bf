public class Reply : DuctsHandler
{
    public byte[] Handle(int bytes) => new byte[bytes];
}
