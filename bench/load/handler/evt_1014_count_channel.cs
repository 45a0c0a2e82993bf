using System.Threading.Channels;

public class CountChannel : DuctsHandler
{
    public ChannelReader<int> Handle(int count)
    {
        var channel = Channel.CreateBounded<int>(64);
        _ = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                await channel.Writer.WriteAsync(i);
            channel.Writer.Complete();
        });
        return channel.Reader;
    }
}
