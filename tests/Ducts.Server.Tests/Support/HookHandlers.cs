using Ducts.Handlers;
using Microsoft.Extensions.Primitives;

namespace Ducts.Tests.Support;

/// <summary>Two handlers with all four hooks.</summary>
internal sealed class HookHandlers : IHandlerSource
{
    public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken) => Task.FromResult(new HandlerSet(
        [new HandlerCandidate(3000, "HOOKS_A", typeof(First), "test"), new HandlerCandidate(3001, "HOOKS_B", typeof(Second), "test")], []));

    public IChangeToken? Watch() => null;

    public sealed class First(HookTrace trace) : HookHandler(trace, "a")
    {
    }

    public sealed class Second(HookTrace trace) : HookHandler(trace, "b")
    {
    }

    public abstract class HookHandler(HookTrace trace, string name) : DuctsHandler
    {
        public override Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) => trace.Note(name + ":connected");

        public override Task HandleWaitReconnectAsync(IEventSession session, CancellationToken cancellationToken) => trace.Note(name + ":waits");

        public override Task HandleReconnectedAsync(IEventSession session, CancellationToken cancellationToken) => trace.Note(name + ":reconnected");

        public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => trace.Note(name + ":closed");

        public string Handle() => name;
    }
}
