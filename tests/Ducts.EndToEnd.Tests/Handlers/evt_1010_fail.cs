public sealed class Fail : DuctsHandler
{
    public void Handle(string name, string message) => throw new EventException(name, message);
}
