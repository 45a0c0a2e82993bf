// A program of its own beside the server: `ducts bot start`. It follows the chat and answers in it.
public sealed class Bot : DuctsModule
{
    private const string Chat = "TUTORIAL/CHAT";

    public override async Task RunAsync(IModuleContext context, CancellationToken stopping)
    {
        var name = context.Configuration["bot:name"] ?? "bot";

        await foreach (var line in context.Redis.PSubAndXRangeAsync(Chat, Chat, 0, stopping))
        {
            // It must not answer itself.
            if (line["name"] == name || Answer(line["name"], line["text"]) is not { } text)
                continue;

            await context.Redis.XAddAndPublishAsync(Chat, Chat, new { name, text }, stopping);
        }
    }

    private static string? Answer(string from, string text) => text.Trim().ToLowerInvariant() switch
    {
        "!help" => "I know !time, !roll and !ping. Say hello, and I greet back.",
        "!time" => $"It is {DateTimeOffset.Now:HH:mm:ss}.",
        "!roll" => $"{from} rolls a {Random.Shared.Next(1, 7)}.",
        "!ping" => "pong",
        var said when said.StartsWith("hello", StringComparison.Ordinal) => $"Hello, {from}! Try !help.",
        _ => null,
    };
}
