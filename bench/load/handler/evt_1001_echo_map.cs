public class EchoMap : DuctsHandler
{
    public MessagePackElement Handle(MessagePackElement data) => data;
}
