using Ducts.Connections;
using Ducts.Protocol;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

public sealed class LateSignalsTests(RedisFixture redis)
{
    [Fact]
    public async Task What_is_appended_until_then_leaves_in_one_write()
    {
        const int Messages = 100;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var socket = new NotingStream();
        using var connection = server.Connect(session, socket);
        var time = new StoppedTime();
        using var late = new LateSignals(time);

        for (var i = 0; i < Messages; i++)
        {
            session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
            late.Add(session.Outbox);
        }

        Assert.Equal(0, socket.Length);
        time.Fire();
        Assert.Equal(Messages * 10, socket.Length);
        Assert.Single(socket.Writers);
        Assert.Equal(1, time.Started);
    }

    [Fact]
    public async Task Nothing_stays_behind_however_the_threads_meet()
    {
        const int Threads = 4;
        const int Messages = 20_000;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var socket = new NotingStream();
        using var connection = server.Connect(session, socket);
        using var late = new LateSignals(TimeProvider.System);

        var appending = Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Messages; i++)
            {
                session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
                late.Add(session.Outbox);
            }
        }));
        await Task.WhenAll(appending);

        await Until.TrueAsync(() => socket.Length == Threads * Messages * 10);
    }

    /// <summary>Has one timer, which fires when it is told to.</summary>
    private sealed class StoppedTime : TimeProvider, ITimer
    {
        private Action? _fire;

        /// <summary>Gets how often the timer was started.</summary>
        public int Started { get; private set; }

        public void Fire() => _fire!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Started++;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
