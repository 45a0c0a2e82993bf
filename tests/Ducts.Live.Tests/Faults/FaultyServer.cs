using System.Collections.Concurrent;
using Ducts.Live.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Live.Faults;

/// <summary>A server with every faulty handler at once: none may keep another from working.</summary>
public sealed class FaultyServer : IAsyncLifetime
{
    internal LiveServer Server { get; } = new();

    internal ConcurrentDictionary<string, object?> Attributes { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        foreach (var (name, code) in FaultyHandlers.Files)
            Server.Write(name, code);
        await Server.StartAsync();
        Attributes = Server.Services.GetRequiredService<IHandlerManager>().ServerAttributes;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
