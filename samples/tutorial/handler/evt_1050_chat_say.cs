// Adds a line to the chat's Redis stream and tells all that follow it,
// in one step.
public sealed class ChatSay : DuctsHandler
{
    private const string Chat = "TUTORIAL/CHAT";

    public async Task HandleAsync(
        string name, string text, IRedisClient redis)
    {
        if (name.Length is 0 or > 40)
            throw new ArgumentException("A name has 1 to 40 characters.");
        if (text.Length is 0 or > 500)
            throw new ArgumentException("Say 1 to 500 characters.");

        var line = new { name, text };
        await redis.XAddAndPublishAsync(Chat, Chat, line, maxLength: 1000);
    }
}
