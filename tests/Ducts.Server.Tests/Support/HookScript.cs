using Ducts.Handlers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Ducts.Tests.Support;

/// <summary>A handler whose hooks do what a test says; its event is 3100, after those of <see cref="HookHandlers"/>.</summary>
internal sealed class HookScript : IHandlerSource
{
    public Func<IEventSession, CancellationToken, Task> Connected { get; set; } = Nothing;

    public Func<IEventSession, CancellationToken, Task> WaitsForReconnect { get; set; } = Nothing;

    public Func<IEventSession, CancellationToken, Task> Reconnected { get; set; } = Nothing;

    public Func<IEventSession, CancellationToken, Task> Closed { get; set; } = Nothing;

    public Func<CancellationToken, Task> SettingUp { get; set; } = static _ => Task.CompletedTask;

    public Func<ValueTask> Disposing { get; set; } = static () => ValueTask.CompletedTask;

    public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new HandlerSet([new HandlerCandidate(3100, "SCRIPTED", typeof(Scripted), "test")], []));

    public IChangeToken? Watch() => null;

    /// <summary>Starts a server with this handler.</summary>
    public Task<WireServer> StartAsync(RedisFixture redis, Action<DuctsOptions>? configure = null) => WireServer.StartAsync(
        redis,
        configure,
        host: host => host.ConfigureServices(services => services.AddSingleton(this).AddSingleton<IHandlerSource>(this)));

    private static Task Nothing(IEventSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    public sealed class Scripted(HookScript script) : DuctsHandler, IAsyncDisposable
    {
        public override async Task<HandlerSpec> SetupAsync(HandlerSpec spec, IHandlerManager manager, CancellationToken cancellationToken)
        {
            await script.SettingUp(cancellationToken);
            return spec;
        }

        public override Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) => script.Connected(session, cancellationToken);

        public override Task HandleWaitReconnectAsync(IEventSession session, CancellationToken cancellationToken) => script.WaitsForReconnect(session, cancellationToken);

        public override Task HandleReconnectedAsync(IEventSession session, CancellationToken cancellationToken) => script.Reconnected(session, cancellationToken);

        public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => script.Closed(session, cancellationToken);

        public ValueTask DisposeAsync() => script.Disposing();

        public string Handle() => "";
    }
}
