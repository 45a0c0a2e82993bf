// A program of its own beside the server: `ducts bot start`.
// It follows the chat and answers in it.
public sealed class Bot : DuctsModule
{
    private const string Chat = "TUTORIAL/CHAT";

    public override async Task RunAsync(
        IModuleContext context, CancellationToken stopping)
    {
        var redis = context.Redis;
        var me = context.Configuration["bot:name"] ?? "bot";
        var lines = redis.PSubAndXRangeAsync(Chat, Chat, 0, stopping);

        await foreach (var line in lines)
        {
            var name = line.Fields["name"];
            if (name == me)
                continue; // It must not answer itself.

            if (Answer(name, line.Fields["text"]) is { } text)
            {
                var answer = new { name = me, text };
                await redis.XAddAndPublishAsync(Chat, Chat, answer);
            }
        }
    }

    private static string? Answer(string name, string text) =>
        text.Trim().ToLowerInvariant() switch
        {
            "!help" => "I know !time, !roll and !ping.",
            "!time" => $"It is {DateTimeOffset.Now:HH:mm:ss}.",
            "!roll" => $"{name} rolls a {Random.Shared.Next(1, 7)}.",
            "!ping" => "pong",
            ['h', 'e', 'l', 'l', 'o', ..] => $"Hello, {name}! Try !help.",
            _ => null,
        };
}
