using System.Collections.Concurrent;
using System.Threading.Channels;

public class FollowChannel : DuctsHandler
{
    private readonly ConcurrentDictionary<Channel<string>, bool> _followers = new();

    public async IAsyncEnumerable<string> HandleAsync([EnumeratorCancellation] CancellationToken token)
    {
        var channel = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
        _followers.TryAdd(channel, true);
        try
        {
            await foreach (var text in channel.Reader.ReadAllAsync(token))
                yield return text;
        }
        finally
        {
            _followers.TryRemove(channel, out _);
        }
    }

    public void Say(string text)
    {
        foreach (var (channel, _) in _followers)
            channel.Writer.TryWrite(text);
    }
}
