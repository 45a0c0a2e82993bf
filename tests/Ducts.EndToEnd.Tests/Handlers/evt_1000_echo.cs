public sealed class Echo : DuctsHandler
{
    public MessagePackElement Handle(MessagePackElement data) => data;
}
