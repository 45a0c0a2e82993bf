public class Follow : DuctsHandler
{
    private readonly Topic<string> _news = new();

    public IAsyncEnumerable<string> Handle() => _news.Subscribe();

    public void Say(string text) => _news.Publish(text);
}
