public class Echo : DuctsHandler
{
    public string Handle(string text) => text;
}
