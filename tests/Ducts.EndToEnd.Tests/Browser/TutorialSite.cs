using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Browser;

/// <summary>The tutorial as <c>./run</c> shows it, on a free port, with its bot.</summary>
public sealed class TutorialSite : IAsyncLifetime
{
    private readonly WorkingFolder _folder = new();

    public Uri Address => _folder.Address!;

    public async ValueTask InitializeAsync()
    {
        _folder.CopyFrom(Repository.Path("samples/tutorial"));
        await _folder.StartServerAsync();
        var bot = await _folder.DuctsAsync("bot", "start");
        Assert.True(bot.ExitCode == 0, $"The bot did not start: {bot}");
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();
}
