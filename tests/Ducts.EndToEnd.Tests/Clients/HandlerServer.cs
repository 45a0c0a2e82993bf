using Ducts.EndToEnd.Processes;

[assembly: AssemblyFixture(typeof(Ducts.EndToEnd.Clients.HandlerServer))]

namespace Ducts.EndToEnd.Clients;

/// <summary>The server that the client tests share: the command's process with the handlers of <c>Handlers/</c> and a Redis of its own.</summary>
public sealed class HandlerServer : IAsyncLifetime
{
    private readonly WorkingFolder _folder = new();

    public Uri Address => _folder.Address!;

    /// <summary>What the server has logged so far.</summary>
    public string Log => _folder.Log;

    public async ValueTask InitializeAsync()
    {
        _folder.CopyFrom(Repository.OwnPath("Handlers"), "handler");
        _folder.CopyFrom(Repository.OwnPath("Pages"), "htdocs");
        // Short, so that a client that measures need not be waited for.
        _folder.Write("config_server.ini", "[ducts.event_config]\nalive_monitoring_interval = 1\nstrict = True\n");
        await _folder.StartServerAsync();
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();
}
